import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Task } from '../core/model/manifest';
import { NOTHING_FITTED } from '../core/policies/fitted';
import { fakeManifest } from '../core/testing/fake-manifest';
import { settlingTrace } from '../core/testing/settling-trace';
import { encodeTrace } from '../core/trace/trace-writer';
import { ViewReplay } from '../core/view/replayed-view';
import { seededRandom } from '../core/testing/random';
import { MAX_KEEP_BYTES } from '../core/view/short-link';
import { LinkStore } from './link-store';
import { type FakeServer, startFakeServer } from './testing/fake-server';

const VIEW = '#v=1&task=mnli&policy=patience&m=3&patience=2';
const trace = settlingTrace('sst2', 2, [1, 1, 3, 6]);
const { sst2, mnli } = fakeManifest().tasks as Record<'sst2' | 'mnli', Task>;
const dev = { path: 'sst2.dev.bin', bytes: 1, sha256: '0'.repeat(64) };
const tracedManifest = { ...fakeManifest(), tasks: { sst2: { ...sst2, traces: { dev } }, mnli } };
const fakePolicyFiles = { fittedFor: async () => NOTHING_FITTED };
const undo: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function start(...flags: readonly string[]): Promise<FakeServer> {
  const server = await startFakeServer(flags);
  undo.push(() => server.close());
  return server;
}

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dimee-links-'));
  undo.push(() => rm(folder, { recursive: true }));
  return folder;
}

async function post({ httpUrl }: FakeServer, body: string, type = 'application/json') {
  const response = await fetch(`${httpUrl}/api/links`, { method: 'POST', headers: { 'Content-Type': type }, body });
  const { id = '', message = '' } = (await response.json()) as { id?: string; message?: string };
  return { status: response.status, id, message, headers: response.headers };
}

const keep = (server: FakeServer, hash: string) => post(server, JSON.stringify({ hash }));

async function opened({ httpUrl }: FakeServer, id: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${httpUrl}/s/${id}`, { headers });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

describe('a short link', () => {
  test('opens the view that it was made of, under a name made of what it says', async () => {
    const server = await start();
    const { status, id } = await keep(server, VIEW);
    expect([status, id]).toEqual([200, expect.stringMatching(/^[\w-]{12}$/)]);
    const { text, headers } = await opened(server, id);
    expect(text).toContain(
      `content="0; url=../${VIEW.replace('v=1', 'v=3').replace('patience=2', 'patience=1').replaceAll('&', '&amp;')}"`,
    );
    expect(text).toContain('<title>Entailment with Patience · DIMEE Playground</title>');
    expect(text).toMatch(/property="og:image" content="http:\/\/127\.0\.0\.1:\d+\/s\/[\w-]{12}\/preview\.png"/);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
    const forwarded = { 'X-Forwarded-Proto': 'https' };
    expect((await opened(server, id, forwarded)).text).toContain('content="http://127.0.0.1');
    const proxied = await start('--trusted-proxies', '127.0.0.1');
    const { text: told } = await opened(proxied, (await keep(proxied, VIEW)).id, forwarded);
    expect(told).toContain('content="https://127.0.0.1');
  });

  test('is the same for the same view, however it is written, and another for another', async () => {
    const server = await start();
    const { id } = await keep(server, VIEW);
    const same = ['#patience=2&m=3&policy=patience&task=mnli&v=1', `${VIEW}&lm=1&utm=campaign`, VIEW.slice(1)];
    for (const hash of same) expect((await keep(server, hash)).id).toBe(id);
    expect((await keep(server, VIEW.replace('m=3', 'm=4'))).id).not.toBe(id);
  });

  test('that names no threshold goes on naming none: the model’s own stand there', async () => {
    const server = await start();
    const { id } = await keep(server, '#v=1&task=sst2');
    expect((await opened(server, id)).text).toContain('url=../#v=3&amp;task=sst2"');
  });

  test.each([
    ['', 'no link'],
    ['#v=1&m=99', '“m” cannot be read'],
    ['#v=1&text=%3Cscript%3E', '“text” cannot be read'],
    ['#v=99', 'newer version'],
    [`${VIEW}&results=nonsense`, 'results that came with this link cannot be read'],
    ['<script>alert(1)</script>', 'names no version'],
  ])('is not made of %j', async (hash, reason) => {
    const { status, message } = await keep(await start(), hash);
    expect([status, message]).toEqual([400, expect.stringContaining(reason)]);
  });

  test('is asked for in JSON, of a bounded size', async () => {
    const server = await start();
    expect(await post(server, '{"hash": 3}')).toMatchObject({ status: 400 });
    expect(await post(server, 'hash')).toMatchObject({ status: 400 });
    expect(await post(server, JSON.stringify({ hash: VIEW }), 'text/plain')).toMatchObject({ status: 415 });
    const large = await keep(server, `${VIEW}&text=${'A'.repeat(MAX_KEEP_BYTES)}`);
    expect(large).toMatchObject({ status: 413, message: expect.stringContaining('100,000 bytes') });
    const { status, headers } = await fetch(`${server.httpUrl}/api/links`, { method: 'DELETE' });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, POST']);
  });

  test('is made a few times in a row, then after a while', async () => {
    const server = await start();
    const answers = [];
    for (let m = 0; m < 22; m++) answers.push(await keep(server, VIEW));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.slice(0, 20).map(({ status }) => status)).toEqual(new Array(20).fill(200));
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused[0]?.message).toMatch(/Try again in \d+ seconds/);
  });

  test('that nobody made is not found, in a sentence', async () => {
    const server = await start();
    for (const id of ['AAAAAAAAAAAA', '', '..%2f..%2fetc', 'a:b', '%00', 'x'.repeat(500)]) {
      const { status, text } = await opened(server, id);
      expect([status, text]).toEqual([404, expect.stringContaining('no link of this name')]);
    }
  });

  test('brings no exception, whatever is sent', async () => {
    const server = await start();
    const random = seededRandom(4);
    for (let trial = 0; trial < 15; trial++) {
      const noise = Array.from({ length: 200 }, () => String.fromCharCode(random() * 300)).join('');
      expect([400, 429]).toContain((await keep(server, noise)).status);
      expect((await opened(server, encodeURIComponent(noise))).status).toBe(404);
    }
  });
});

describe('the picture of a short link', () => {
  const replay = () => new ViewReplay(tracedManifest, fakePolicyFiles, async () => encodeTrace(trace));

  async function start(...flags: readonly string[]): Promise<FakeServer> {
    const server = await startFakeServer(flags, undefined, { replay: replay() });
    undo.push(() => server.close());
    return server;
  }

  const picture = ({ httpUrl }: FakeServer, id: string) =>
    fetch(`${httpUrl}/s/${id}/preview.png`, { redirect: 'manual' });

  test('is drawn from its settings, in the size that previews want, and named by its page', async () => {
    const server = await start();
    const { id } = await keep(server, '#v=2&task=sst2');
    const { text } = await opened(server, id);
    expect(text).toContain(`content="${server.httpUrl}/s/${id}/preview.png"`);
    expect(text).toMatch(
      /og:description" content="Confidence on Sentiment: \d+\.\d % of compute saved at \d+\.\d % acc/,
    );
    const response = await picture(server, id);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect([bytes.subarray(1, 4).toString(), bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([
      'PNG',
      1200,
      630,
    ]);
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(response.headers.get('cache-control')).toContain('max-age=86400');
    const { id: otherId } = await keep(server, '#v=2&task=sst2&m=1&n=2&mobileThreshold=0');
    expect(Buffer.from(await (await picture(server, otherId)).arrayBuffer()).equals(bytes)).toBe(false);
  });

  test('below a prefix stands below it, too', async () => {
    const server = await start('--base-path', '/play');
    const { id } = await keep(server, '#v=2&task=sst2');
    expect((await opened(server, id)).text).toContain(`content="${server.httpUrl}/play/s/${id}/preview.png"`);
  });

  test('is the page’s own where nothing was recorded, and for links that are not there none', async () => {
    const server = await start();
    const { id } = await keep(server, '#v=2&task=mnli');
    const { status, headers } = await picture(server, id);
    expect([status, headers.get('location')]).toEqual([302, '../../preview.png']);
    expect((await opened(server, id)).text).toContain('don’t need the whole network');
    expect((await picture(server, 'AAAAAAAAAAAA')).status).toBe(404);
  });

  test('is drawn for one address some times in a row; what was drawn is there for all', async () => {
    const server = await start();
    const ids = [];
    for (let m = 1; m <= 8; m++) ids.push((await keep(server, `#v=2&task=sst2&m=${m}`)).id);
    expect(new Set(ids).size).toBe(8);
    for (const id of [...ids, ...ids]) expect((await picture(server, id)).status).toBe(200);
  });
});

describe('where links are kept', () => {
  const shelf = async ({ httpUrl }: FakeServer) => (await fetch(`${httpUrl}/api/links`)).json();

  test('in memory unless a folder is named, and the page is told', async () => {
    expect(await shelf(await start())).toEqual({ keptIn: 'memory' });
    expect(await shelf(await start('--links', await emptyFolder()))).toEqual({ keptIn: 'files' });
  });

  test('in a folder they are there for the next server', async () => {
    const folder = await emptyFolder();
    const { id } = await keep(await start('--links', folder), VIEW);
    expect(await readdir(folder)).toEqual([id]);
    expect((await opened(await start('--links', folder), id)).text).toContain('Entailment with Patience');
  });

  test('a file that was changed is no link any more, until the same view is kept again', async () => {
    const folder = await emptyFolder();
    const server = await start('--links', folder);
    const { id } = await keep(server, VIEW);
    const whole = await readFile(join(folder, id), 'utf8');
    await writeFile(join(folder, id), whole.replace('m=3', 'm=4'));
    expect((await opened(server, id)).status).toBe(404);
    await keep(server, VIEW);
    expect(await readFile(join(folder, id), 'utf8')).toBe(whole);
  });

  test('a store that fails is said, and named in the log alone', async () => {
    const folder = await emptyFolder();
    const file = join(folder, 'no-folder');
    await writeFile(file, '');
    const { status, message } = await keep(await start('--links', file), VIEW);
    expect([status, message]).toEqual([500, 'This server could not keep the link. Try again later.']);
  });

  test('a full disk is said', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    vi.spyOn(LinkStore.prototype, 'keep').mockRejectedValueOnce(full);
    const server = await start();
    const { status, message } = await keep(server, VIEW);
    expect([status, message]).toEqual([507, 'This server’s disk is full. Copy the link itself instead.']);
    expect((await keep(server, VIEW)).status).toBe(200);
  });

  test('nowhere at a cloud tier, which has no page', async () => {
    const { httpUrl } = await start('--tier', 'cloud');
    expect((await fetch(`${httpUrl}/api/links`)).status).toBe(404);
  });
});
