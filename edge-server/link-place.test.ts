import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { fakeManifest } from '../core/testing/fake-manifest';
import { Expected } from './command-line';
import { needing, readLinkPlace } from './link-place';
import { LinkStore, StoreFull } from './link-store';

const VIEW = '#v=2&task=mnli&policy=patience&m=3&patience=2';
const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function storeAt(address: string, { maxBytes = 1e6, environment = {} } = {}): Promise<LinkStore> {
  const store = await LinkStore.open(fakeManifest(), { place: readLinkPlace(address), maxBytes, environment });
  undo.push(() => store.close());
  return store;
}

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dimee-place-'));
  undo.push(() => rm(folder, { recursive: true }));
  return folder;
}

describe('a place for links', () => {
  test('is a folder, a Redis or a bucket', () => {
    expect(readLinkPlace('./links')).toEqual({ kind: 'files', folder: './links' });
    expect(readLinkPlace('C:\\links')).toEqual({ kind: 'files', folder: 'C:\\links' });
    expect(readLinkPlace('redis://db:6379/2')).toEqual({ kind: 'redis', url: 'redis://db:6379/2' });
    expect(readLinkPlace('s3://shelf?endpoint=https://minio:9000')).toEqual({
      ...{ kind: 's3', bucket: 'shelf', endpoint: 'https://minio:9000', region: 'us-east-1' },
    });
    expect(readLinkPlace('s3://shelf?region=eu-west-1')).toMatchObject({
      endpoint: 'https://s3.eu-west-1.amazonaws.com',
    });
  });

  test.each(['', 'ftp://links', 's3://', 's3://shelf?endpoint=nowhere', 'redis://[', 'http://shelf'])(
    'is not %j',
    (text) => expect(() => readLinkPlace(text)).toThrow(Expected),
  );

  test('names the package that it needs and that is not there', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    await expect(needing('ioredis', () => Promise.reject(missing))).rejects.toThrow(/Run “npm install ioredis”/);
    await expect(needing('ioredis', () => Promise.reject(new Error('Other.')))).rejects.toThrow('Other.');
  });
});

describe('a folder', () => {
  test('that is full takes no more, keeps what it has, and goes on answering for it', async () => {
    const folder = await emptyFolder();
    await writeFile(join(folder, 'of-before'), 'x'.repeat(900));
    const store = await storeAt(folder, { maxBytes: 960 });
    const id = await store.keep(VIEW);
    await expect(store.keep(VIEW.replace('m=3', 'm=4'))).rejects.toThrow(StoreFull);
    expect([await store.keep(VIEW), (await store.find(id)) !== undefined]).toEqual([id, true]);
  });
});

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

describe('a Redis', () => {
  test.skipIf(!hasRedis)('is shared by two servers (needs redis-server on the path)', async () => {
    const url = await startRedis();
    const [one, other] = [await storeAt(url), await storeAt(url)];
    const id = await one.keep(VIEW);
    expect(one.shelf).toEqual({ keptIn: 'redis' });
    expect(await other.find(id)).toBe(await one.find(id));
    expect(await other.find(id)).toContain('policy=patience');
    expect(await other.find('AAAAAAAAAAAA')).toBeUndefined();
  });

  test('that is away is said in seconds', async () => {
    const store = await storeAt('redis://127.0.0.1:1');
    await expect(store.keep(VIEW)).rejects.toThrow();
  });
});

/** On a port of the system's choosing, with nothing on disk. */
async function startRedis(): Promise<string> {
  const port = await freePort();
  const redis = spawn('redis-server', ['--port', `${port}`, '--save', '', '--appendonly', 'no', '--bind', '127.0.0.1']);
  undo.push(async () => {
    const ended = once(redis, 'exit');
    redis.kill();
    await ended;
  });
  for await (const line of redis.stdout) if (String(line).includes('Ready to accept connections')) break;
  return `redis://127.0.0.1:${port}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('a bucket', () => {
  const KEYS = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };

  /** As much of S3 as links need: objects by path, for requests that are signed. */
  async function startBucket() {
    const objects = new Map<string, string>();
    const server = createServer((request, response) => {
      const { method, url = '', headers } = request;
      if (!headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=id/')) response.writeHead(403).end();
      else if (method === 'PUT') {
        void text(request).then((object) => {
          objects.set(url, object);
          response.end();
        });
      } else response.writeHead(objects.has(url) ? 200 : 404).end(objects.get(url));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    undo.push(() => server.close());
    return { objects, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  test('is shared by two servers that have its keys', async () => {
    const { objects, endpoint } = await startBucket();
    const address = `s3://shelf?endpoint=${endpoint}`;
    const [one, other] = [await storeAt(address, { environment: KEYS }), await storeAt(address, { environment: KEYS })];
    const id = await one.keep(VIEW);
    expect([...objects.keys()]).toEqual([`/shelf/dimee-link/${id}`]);
    expect(await other.find(id)).toContain('policy=patience');
    expect([one.shelf, await other.find('AAAAAAAAAAAA')]).toEqual([{ keptIn: 's3' }, undefined]);
  });

  test('without its keys is no place, and one that refuses them is said', async () => {
    const { endpoint } = await startBucket();
    const address = `s3://shelf?endpoint=${endpoint}`;
    await expect(storeAt(address)).rejects.toThrow(/set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/);
    const store = await storeAt(address, { environment: { ...KEYS, AWS_ACCESS_KEY_ID: 'other' } });
    await expect(store.keep(VIEW)).rejects.toThrow('403');
  });
});
