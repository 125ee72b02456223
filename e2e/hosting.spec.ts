import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { writeCertificate } from '../edge-server/testing/certificate';
import { DIST, has, type Host, startMislabelling, startNginx, startPython } from './testing/hosts';
import { expect, moveSlider, openRoute, results, runSentences, SENTENCES, test } from './testing/playground';
import { Server } from './testing/server';

/* The page in other hands: static hosts of all kinds, proxies, prefixes. `docs/hosting.md` has what people do by hand. */

const TEXTS = SENTENCES['SST-2'].slice(0, 2);
const NO_EDGE = 'No edge: this page runs all layers on this device';
const hasPython = has('python3', '--version');
const edge = (page: Page) => page.getByRole('status', { name: 'Edge' });

/** Right for the page and its styles, of the test's choice for scripts, and no type at all for the rest. */
const pageAnd = (scripts: string | undefined) => (extension: string) => {
  const types: Readonly<Record<string, string | undefined>> = {
    '.html': 'text/html',
    '.css': 'text/css',
    '.js': scripts,
  };
  return extension in types ? types[extension] : 'application/octet-stream';
};

async function withHost(starting: Promise<Host>, use: (host: Host) => Promise<void>): Promise<void> {
  const host = await starting;
  try {
    await use(host);
  } finally {
    host.close();
  }
}

async function opened(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
}

/** Runs sentences through all layers, none of which anybody else runs. */
async function answersAlone(page: Page): Promise<void> {
  await expect(edge(page)).toHaveText(NO_EDGE);
  await moveSlider(page, 'Mobile threshold', 1);
  await runSentences(page, 'SST-2', TEXTS);
  const rows = await results(page);
  expect(rows.map(({ tier }) => tier)).toEqual(['mobile', 'mobile']);
  expect(rows.some(({ ranLocally }) => ranLocally?.includes('No edge'))).toBe(true);
}

async function answersWithEdge(page: Page): Promise<void> {
  await expect(edge(page)).toHaveText(/Edge connected/);
  await moveSlider(page, 'Mobile threshold', 1);
  await runSentences(page, 'SST-2', TEXTS);
  expect((await results(page)).every(({ tier, bytesUp }) => tier !== 'mobile' && bytesUp > 0)).toBe(true);
}

test('a build has no file that servers have no type for, and nothing absolute', () => {
  const names = readdirSync(DIST, { recursive: true }).map(String);
  expect(names.filter((name) => /\.mjs\b/.test(name))).toEqual([]);
  const page = readFileSync(join(DIST, 'index.html'), 'utf8');
  expect(page.match(/\b(src|href)="(?!\.\/|#|https:)[^"]*"/g)).toBeNull();
});

test.describe('a plain Python server, below a prefix', () => {
  test.skip(!hasPython, 'Python is not installed here.');

  test('runs the page without an edge, on one thread', async ({ ownPage: page }) => {
    await withHost(startPython(), async ({ url }) => {
      const strays: string[] = [];
      page.on('response', (response) => {
        if (!response.url().startsWith(url) || !response.ok()) strays.push(`${response.status()} ${response.url()}`);
      });
      page.on('websocket', (socket) => strays.push(socket.url()));
      await opened(page, `${url}?edge=none`);
      await answersAlone(page);
      await expect(page.getByRole('status', { name: 'Backend' })).toContainText('WASM · 1 thread');
      await openRoute(page, 'Compare');
      await expect(page.getByRole('region', { name: 'Accuracy against compute saved' })).toBeVisible();
      expect(strays).toEqual([]);
    });
  });

  test('asks the edge that its address names, says so, and knows what is none', async ({ ownPage: page }) => {
    await withHost(startPython(), async ({ url }) => {
      const server = await Server.start('--allow-origin', new URL(url).origin);
      try {
        await opened(page, `${url}?edge=ws://localhost:${server.port}`);
        await expect(page.getByRole('alert')).toContainText(`its edge is ws://localhost:${server.port}/v1/tier`);
        await answersWithEdge(page);
        await opened(page, `${url}?edge=http://localhost:${server.port}`);
        await expect(page.getByRole('alert')).toContainText('must be an address like wss://edge.example');
      } finally {
        await server.kill();
      }
    });
  });
});

test.describe('Debian’s nginx', () => {
  test.skip(!has('nginx', '-v') || !has('openssl', 'version'), 'nginx or openssl is not installed here.');

  test.use({ ignoreHTTPSErrors: true });

  /** Server blocks that answer at a port, with a certificate of their own. */
  const withTls = (blocks: string) => (port: number, folder: string) => {
    const { key, certificate } = writeCertificate(folder);
    return blocks
      .replace(/listen .*/, `listen 127.0.0.1:${port} ssl;`)
      .replace(/(ssl_certificate) .*/, `$1 ${certificate};`)
      .replace(/(ssl_certificate_key) .*/, `$1 ${key};`);
  };

  test('serves our server below a prefix, over TLS, by the recipe', async ({ ownPage: page }) => {
    const server = await Server.start('--base-path', '/play');
    try {
      const recipe = recipeFor('nginx').replaceAll('127.0.0.1:8787', `127.0.0.1:${server.port}`);
      await withHost(startNginx(withTls(recipe)), async ({ url }) => {
        await opened(page, `${url}play`);
        expect(page.url()).toMatch(new RegExp(`^${url}play/`));
        await answersWithEdge(page);
      });
    } finally {
      await server.kill();
    }
  });

  test('serves our server below a prefix that it takes off', async ({ ownPage: page, server }) => {
    const recipe = recipeFor('nginx')
      .replace('location /play', 'location /play/')
      .replace('127.0.0.1:8787', `127.0.0.1:${server.port}/`);
    await withHost(startNginx(withTls(recipe)), async ({ url }) => {
      await opened(page, `${url}play/`);
      await answersWithEdge(page);
    });
  });

  test('runs a copy of the page with the types that it comes with', async ({ ownPage: page }) => {
    const copy = `server {
      listen here;
      ssl_certificate here;
      ssl_certificate_key here;
      location /copy/ { alias ${DIST}/; }
    }`;
    await withHost(startNginx(withTls(copy)), async ({ url }) => {
      await opened(page, `${url}copy/?edge=none`);
      await answersAlone(page);
    });
  });
});

test.describe('a server with odd types', () => {
  test('that sends scripts as text is told so in one sentence', async ({ ownPage: page }) => {
    await withHost(startMislabelling(pageAnd('text/plain')), async ({ url }) => {
      await page.goto(url);
      await expect(page.getByRole('alert')).toHaveText(
        /^This server sends scripts as text\/plain; browsers run them as text\/javascript alone\. /,
      );
    });
  });

  test('that has lost its scripts is told so', async ({ ownPage: page }) => {
    await withHost(startMislabelling(pageAnd(undefined)), async ({ url }) => {
      await page.goto(url);
      await expect(page.getByRole('alert')).toContainText('did not come (status 404)');
    });
  });

  test('for all but page, styles and scripts runs the page', async ({ ownPage: page }) => {
    await withHost(startMislabelling(pageAnd('text/javascript')), async ({ url }) => {
      await opened(page, `${url}?edge=none`);
      await answersAlone(page);
    });
  });
});

test('a host without the runtime of WebGPU has the layers run on WASM, with a word', async ({ ownPage: page }) => {
  const typeOf = (extension: string, path: string) =>
    /asyncify.*wasm$/.test(path) ? undefined : pageAnd('text/javascript')(extension);
  await withHost(startMislabelling(typeOf), async ({ url }) => {
    await opened(page, `${url}?edge=none#v=1&backend=webgpu`);
    await expect(page.getByRole('alert')).toContainText(
      'This server has no runtime for WebGPU. The layers run on WASM now.',
    );
    await answersAlone(page);
  });
});

test('a page that Hugging Face frames keeps the address around it in step', async ({ ownPage: page }) => {
  const space = 'https://somebody-playground.static.hf.space/';
  const around = `<iframe src="${space}?edge=none"></iframe>
    <script>addEventListener('message', ({ data }) => (globalThis.heard = data))</script>`;
  await page.route('https://huggingface.co/**', (route) => route.fulfill({ contentType: 'text/html', body: around }));
  await page.route(`${space}**`, (route, request) =>
    route.fulfill({ path: join(DIST, new URL(request.url()).pathname.replace(/\/$/, '/index.html')) }),
  );
  await page.goto('https://huggingface.co/spaces/somebody/playground');
  const frame = page.frameLocator('iframe');
  await expect(frame.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
  await frame.getByRole('combobox', { name: 'Task' }).selectOption('cola');
  await expect(async () => {
    const hash = await frame.locator('body').evaluate(() => location.hash);
    expect(hash).toContain('task=cola');
    expect(await page.evaluate('globalThis.heard')).toEqual({ hash, queryString: 'edge=none' });
  }).toPass();
});

test('a build that names no edge asks none, wherever it lies', async ({ ownPage: page, server }) => {
  const withoutEdge = '<head><meta name="dimee-edge" content="" />';
  await page.route(server.url, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace('<head>', withoutEdge) });
  });
  await opened(page, server.url);
  await expect(edge(page)).toHaveText(NO_EDGE);
});

test('--base-path serves page and tier below it, and leads there', async ({ ownPage: page }) => {
  const server = await Server.start('--base-path', '/lab/play');
  try {
    await opened(page, `${server.url}lab/play`);
    expect(page.url()).toMatch(new RegExp(`^${server.url}lab/play/`));
    await answersWithEdge(page);
    expect((await server.done()).layersRun.edge).toBeGreaterThan(0);
  } finally {
    await server.kill();
  }
});

/** The first block of a language in the recipes. */
function recipeFor(language: string): string {
  const text = readFileSync(fileURLToPath(new URL('../docs/hosting.md', import.meta.url)), 'utf8');
  const [, block] = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'm').exec(text) ?? [];
  if (!block) throw new Error(`docs/hosting.md has no recipe for ${language}.`);
  return block;
}
