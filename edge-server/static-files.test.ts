import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { staticFiles } from './static-files';

let folder: string;
let server: Server;
let port: number;
const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);

/** What `fetch` would tidy up first. */
function getRaw(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const raw = request({ host: '127.0.0.1', port, path }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    raw.on('error', reject).end();
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dimee-static-'));
  server = createServer(staticFiles(join(folder, 'dist'))).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

describe('the page', () => {
  test('says what to do while it is not built', async () => {
    const response = await get('/');
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('npm run build')]);
  });

  describe('once it is built', () => {
    beforeAll(async () => {
      const files = {
        'index.html': '<!doctype html><script>let x</script>',
        'assets/main-1a2b.js': 'let x',
        'assets/main-1a2b.js.br': 'compressed',
        'assets/ort.wasm': '\0asm',
        'assets/ort.wasm.gz': gzipSync('\0asm'),
        'models/m/manifest.json': '{}',
        'models/m/q8/layer-01.onnx': 'weights',
      };
      for (const [path, text] of Object.entries(files)) {
        await mkdir(join(folder, 'dist', path, '..'), { recursive: true });
        await writeFile(join(folder, 'dist', path), text);
      }
      await writeFile(join(folder, 'secret.txt'), 'not for the page');
    });

    test('is served isolated, under a strict policy', async () => {
      const response = await get('/');
      expect([response.status, await response.text()]).toEqual([200, '<!doctype html><script>let x</script>']);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'text/html;charset=utf-8',
        'cache-control': 'no-cache',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
        'cross-origin-resource-policy': 'same-origin',
        'content-security-policy': expect.stringMatching(
          /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-/,
        ),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        etag: expect.any(String),
      });
    });

    test.each([
      ['/', "'self'", 'same-origin'],
      ['/?embed', '*', 'cross-origin'],
      ['/index.html?debug&embed=1', '*', 'cross-origin'],
      ['//?embed', '*', 'cross-origin'],
      ['/?embedded', "'self'", 'same-origin'],
      ['/models/m/manifest.json?embed', "'self'", 'same-origin'],
    ])('at %s may be framed by %s', async (path, ancestors, resourcePolicy) => {
      const { headers } = await get(path);
      const [framing] = /frame-ancestors [^;]*/.exec(headers.get('content-security-policy') ?? '') ?? [];
      expect([framing, headers.get('cross-origin-resource-policy')]).toEqual([
        `frame-ancestors ${ancestors}`,
        resourcePolicy,
      ]);
    });

    test.each([
      ['/assets/main-1a2b.js', 'public,max-age=31536000,immutable', 'text/javascript'],
      ['/assets/ort.wasm', 'public,max-age=31536000,immutable', 'application/wasm'],
      ['/models/m/manifest.json', 'no-cache', 'application/json'],
      ['/models/m/q8/layer-01.onnx', 'no-cache', 'application/octet-stream'],
      ['/models/m/q8/layer-01.onnx?sha=5c83', 'public,max-age=31536000,immutable', 'application/octet-stream'],
    ])('%s is kept %s as %s', async (path, caching, type) => {
      const { status, headers } = await get(path);
      expect([status, headers.get('cache-control'), headers.get('content-type')]).toEqual([200, caching, type]);
    });

    test('comes compressed where a compressed sibling lies beside it', async () => {
      const { headers } = await get('/assets/ort.wasm', { headers: { 'Accept-Encoding': 'gzip' } });
      expect(headers.get('content-encoding')).toBe('gzip');
      expect(headers.get('content-type')).toBe('application/wasm');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      const script = await get('/assets/main-1a2b.js', { method: 'HEAD', headers: { 'Accept-Encoding': 'br' } });
      expect([script.headers.get('content-encoding'), script.headers.get('vary')]).toEqual(['br', 'Accept-Encoding']);
    });

    test('is not sent again while it is the same', async () => {
      const etag = (await get('/models/m/manifest.json')).headers.get('etag') ?? '';
      const { status } = await get('/models/m/manifest.json', { headers: { 'If-None-Match': etag } });
      expect(status).toBe(304);
    });

    test.each(['/nothing', '/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/%00', '/%', '//', '/assets'])(
      'has nothing at %s',
      async (path) => {
        expect(await getRaw(path)).toBe(path === '//' ? 200 : 404);
      },
    );

    test('can only be read', async () => {
      const response = await get('/', { method: 'POST', body: 'x' });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    });

    test.each(['bytes=5-2', 'bytes=1-2', 'bytes=-3', 'bytes=99-', 'x'])(
      'is sent whole for the range %s',
      async (range) => {
        const response = await get('/models/m/q8/layer-01.onnx', { headers: { Range: range } });
        expect([response.status, await response.text()]).toEqual([200, 'weights']);
      },
    );

    test('closes a file whose reader has gone away', async () => {
      const large = await open(join(folder, 'dist', 'large.onnx'), 'w');
      await large.truncate(2 ** 26);
      await large.close();
      const socket = connect(port, '127.0.0.1');
      socket.write('GET /large.onnx HTTP/1.1\r\nHost: x\r\n\r\n');
      await new Promise((resolve) => socket.once('data', resolve));
      const openFiles = () => readdirSync('/proc/self/fd').length;
      const whileReading = openFiles();
      socket.destroy();
      await expect.poll(openFiles).toBeLessThanOrEqual(whileReading - 3);
    });
  });
});

describe('a guest model', async () => {
  const home = await mkdtemp(join(tmpdir(), 'dimee-guest-'));
  const files = {
    'dist/index.html': '<html><head><title>page</title></head></html>',
    'dist/models/own/manifest.json': 'own',
    'guest/manifest.json': 'guest',
    'guest/fp16/layer-01.onnx': 'weights',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(home, path, '..'), { recursive: true });
    await writeFile(join(home, path), text);
  }
  const guestServer = createServer(staticFiles(join(home, 'dist'), { id: 'tiny', folder: join(home, 'guest') }));
  await new Promise<void>((resolve) => guestServer.listen(0, '127.0.0.1', resolve));
  const ask = (path: string) => fetch(`http://127.0.0.1:${(guestServer.address() as AddressInfo).port}${path}`);

  afterAll(async () => {
    guestServer.closeAllConnections();
    guestServer.close();
    await rm(home, { recursive: true });
  });

  test('lies where the page looks for models, beside the page’s own', async () => {
    const texts = ['/models/tiny/manifest.json', '/models/tiny/fp16/layer-01.onnx', '/models/own/manifest.json'].map(
      async (path) => (await ask(path)).text(),
    );
    expect(await Promise.all(texts)).toEqual(['guest', 'weights', 'own']);
    expect((await ask('/models/tiny/fp16/layer-02.onnx')).status).toBe(404);
    expect((await ask('/models/tiny/../own/manifest.json')).status).toBe(200);
  });

  test.each(['/', '/index.html', '/?from=somewhere'])('is what the page at %s is told to open', async (path) => {
    const response = await ask(path);
    expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
    expect(await response.text()).toContain('<head>\n    <meta name="dimee-model" content="tiny" />');
  });
});
