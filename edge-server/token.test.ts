import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { messageOf } from '../core/errors';
import { PROTOCOL_VERSION } from '../core/protocol/limits';
import { RemoteTier } from '../core/protocol/remote-tier';
import { wayToTiers, type WaysStatus } from '../core/protocol/way-to-tiers';
import { LINKS_PATH } from '../core/view/short-link';
import { fakeRequest } from '../core/testing/fake-ladder';
import { fakeManifest } from '../core/testing/fake-manifest';
import { readConfiguration } from './configuration';
import { Guard } from './guard';
import { type FakeParts, type FakeServer, startFakeServer } from './testing/fake-server';
import { TestClient } from './testing/test-client';
import { openSocket } from './web-socket';

const TOKEN = 'a-token-of-the-tests-0123456789';
const manifest = fakeManifest();
const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'dimee-token-'));
const file = join(folder, 'token');
writeFileSync(file, `${TOKEN}\n`);
afterAll(() => rmSync(folder, { recursive: true }));

const open: { close(): void | Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

async function start(flags: readonly string[] = [], parts: FakeParts = {}): Promise<FakeServer> {
  const server = await startFakeServer(['--token-file', file, ...flags], undefined, parts);
  open.push(server);
  return server;
}

/** What a hello with this token hears, up to the end. */
async function hear({ url }: FakeServer, token?: string) {
  const client = await TestClient.connect(url);
  open.push(client);
  const hello = { type: 'hello', protocol: PROTOCOL_VERSION, modelHash: manifest.hash, variant: 'q8', client: 'test' };
  client.send({ ...hello, token });
  const heard = [await client.next()];
  if (heard[0]?.type === 'error') heard.push(await client.next());
  return heard;
}

const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

describe('A server with a token', () => {
  test('HS8: refuses who shows none, says what to do, and closes with 1008', async () => {
    const heard = await hear(await start());
    expect(heard).toMatchObject([
      { type: 'error', code: 'UNAUTHORIZED', retryable: false },
      { type: 'closed', code: 1008, reason: 'UNAUTHORIZED' },
    ]);
    expect(heard[0]).toMatchObject({ message: expect.stringMatching(/wants a token.*--token-file FILE.*DIMEE_TOKEN/) });
  });

  test('HS8: lets in who shows it, and nobody who shows another or a part of it', async () => {
    const server = await start();
    expect(await hear(server, TOKEN)).toMatchObject([{ type: 'welcome' }]);
    for (const wrong of [`${TOKEN}0`, TOKEN.slice(1), TOKEN.toUpperCase(), 'x']) {
      expect(await hear(server, wrong)).toMatchObject([{ code: 'UNAUTHORIZED' }, { code: 1008 }]);
    }
  });

  test('HS8: tells a stranger nothing of its model', async () => {
    const client = await TestClient.connect((await start()).url);
    open.push(client);
    client.send({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      modelHash: 'f'.repeat(64),
      variant: 'q8',
      client: 'test',
    });
    const heard = await client.next();
    expect(heard).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(JSON.stringify(heard)).not.toContain(manifest.hash);
  });

  test('tells of itself and changes what it keeps for those alone who show it; the page is for all', async () => {
    const { httpUrl } = await start(['--metrics', 'here']);
    for (const path of ['/healthz', '/metrics', LINKS_PATH]) {
      const refused = await fetch(httpUrl + path);
      expect([refused.status, refused.headers.get('WWW-Authenticate')], path).toEqual([401, 'Bearer']);
      expect(((await refused.json()) as { message: string }).message).toContain('wants a token');
      expect((await fetch(httpUrl + path, bearer(`${TOKEN}1`))).status, path).toBe(401);
      expect((await fetch(httpUrl + path, bearer(TOKEN))).status, path).toBe(200);
    }
    const keep = { method: 'POST', body: '{"hash":"#v=1"}', headers: { 'Content-Type': 'application/json' } };
    expect((await fetch(httpUrl + LINKS_PATH, keep)).status).toBe(401);
    expect([(await fetch(`${httpUrl}/livez`)).status, (await fetch(`${httpUrl}/readyz`)).status]).toEqual([200, 200]);
    expect((await fetch(httpUrl)).status).not.toBe(401);
  });

  test('does not listen for a while to an address that keeps guessing, and says for how long', async () => {
    const server = await start();
    for (let tries = 0; tries < 10; tries++) await fetch(`${server.httpUrl}/healthz`, bearer('wrong'));
    const refused = await fetch(`${server.httpUrl}/healthz`, bearer(TOKEN));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(await hear(server, TOKEN)).toMatchObject([
      { code: 'UNAUTHORIZED', retryable: true, retryAfterMs: expect.any(Number) },
      { code: 1008 },
    ]);
  });

  test('writes nothing of it anywhere', async () => {
    const said: unknown[] = [];
    const server = await start(['--metrics', 'here'], { log: (...line) => void said.push(line) });
    await hear(server, TOKEN);
    await hear(server, `${TOKEN}-wrong`);
    await hear(server, 'x'.repeat(300));
    for (const path of ['/healthz', '/metrics', LINKS_PATH]) {
      said.push(await (await fetch(server.httpUrl + path, bearer(TOKEN))).text());
    }
    const configuration = readConfiguration(['--token-file', file], {
      DIMEE_CLOUD_URL: 'ws://cloud',
      DIMEE_CLOUD_TOKEN: TOKEN,
    });
    said.push(inspect(configuration, { depth: 9, showHidden: true }), JSON.stringify(configuration));
    expect(said.length).toBeGreaterThan(5);
    expect(said.map(String).join(' ')).toContain('UNAUTHORIZED');
    expect(inspect(said, { depth: 9 })).not.toContain(TOKEN);
  });

  test('as a cloud tier is shown it by its edge', async () => {
    const cloud = await start(['--tier', 'cloud']);
    const edge = await startFakeServer(['--cloud-url', cloud.url, '--cloud-token-file', file]);
    open.push(edge);
    const options = {
      modelHash: manifest.hash,
      variant: 'q8',
      client: 'test',
      openSocket,
      now: () => performance.now(),
    };
    const tier = new RemoteTier({ ...options, url: edge.url, from: 'mobile', to: 'edge' });
    open.push(tier);
    const result = await tier.infer(fakeRequest({ policy: { id: 'all-cloud', parameters: {} } }), never);
    expect(result.crossings.map(({ to }) => to)).toEqual(['edge', 'cloud']);
    const health = (await (await fetch(`${cloud.httpUrl}/healthz`, bearer(TOKEN))).json()) as { connections: number };
    expect(health.connections).toBe(1);
  });

  test('that is one of two edges is named to whoever lacks its token, and the other answers', async () => {
    const [wanting, other] = [await start(), await startFakeServer()];
    open.push(other);
    const heard: WaysStatus[] = [];
    const way = { modelHash: manifest.hash, variant: 'q8', client: 'test', openSocket, now: () => performance.now() };
    const tier = wayToTiers([wanting, other], {
      ...{ ...way, from: 'mobile', to: 'edge' },
      onStatus: (status) => heard.push(status),
    });
    open.push(tier);
    await tier.infer(fakeRequest({ policy: { id: 'all-edge', parameters: {} } }), never);
    await expect.poll(() => heard.at(-1)).toMatchObject({ open: 1, of: 2, wantToken: [wanting.url] });
    expect(heard.at(-1)?.status.state).toBe('open');
  });

  test('that is the only one there is refuses each sample by its name', async () => {
    const way = { modelHash: manifest.hash, variant: 'q8', client: 'test', openSocket, now: () => performance.now() };
    const [one, other] = [await start(), await start()];
    const tier = wayToTiers([one, { ...other, token: 'another one' }], { ...way, from: 'mobile', to: 'edge' });
    open.push(tier);
    await expect(tier.infer(fakeRequest(), never)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });
});

describe('A token', () => {
  const problemOf = (argv: readonly string[], environment = {}) => {
    try {
      readConfiguration(argv, environment);
      return '';
    } catch (error) {
      return messageOf(error);
    }
  };

  test('comes from a file or from the environment', () => {
    expect(readConfiguration(['--token-file', file]).tokenFile?.reveal()).toBe(TOKEN);
    expect(readConfiguration([], { DIMEE_TOKEN: ` ${TOKEN}\n` }).tokenFile?.reveal()).toBe(TOKEN);
    expect(readConfiguration([]).tokenFile).toBeUndefined();
  });

  test.each(['short', 'with a space in the middle', 'x'.repeat(257), 'not-only-äscii-characters'])(
    'is not “%s”, and the error does not say what came',
    (token) => {
      const problem = problemOf([], { DIMEE_TOKEN: token });
      expect(problem).toMatch(/^DIMEE_TOKEN must be 16 to 256 printable characters .*openssl/);
      expect(problem).not.toContain(token);
    },
  );

  test('that is given in place of its file is not said', () => {
    const problem = problemOf(['--token-file', TOKEN]);
    expect(problem).toMatch(/could not be read \(ENOENT\)/);
    expect(problem).not.toContain(TOKEN);
  });

  test('for a cloud goes with a cloud elsewhere', () => {
    expect(problemOf(['--cloud-token-file', file])).toContain('--cloud-url');
  });
});

test('A guard without a token lets everybody in; with one, wrong tokens count for their own address and wear off', () => {
  let now = 0;
  expect(new Guard(undefined, () => now).refusalOf(undefined, 'a')).toBeUndefined();
  const guard = new Guard(readConfiguration(['--token-file', file]).tokenFile, () => now);
  for (let tries = 0; tries < 10; tries++) expect(guard.refusalOf('wrong', 'a')?.retryAfterMs).toBeUndefined();
  expect(guard.refusalOf(TOKEN, 'a')?.retryAfterMs).toBeGreaterThan(0);
  expect(guard.refusalOf(TOKEN, 'b')).toBeUndefined();
  for (let tries = 0; tries < 50; tries++) expect(guard.refusalOf(undefined, 'b')?.retryAfterMs).toBeUndefined();
  expect(guard.refusalOf(TOKEN, 'b')).toBeUndefined();
  now += 6001;
  expect(guard.refusalOf(TOKEN, 'a')).toBeUndefined();
});
