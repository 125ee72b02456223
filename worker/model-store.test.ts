import { describe, expect, test, vi } from 'vitest';
import { isAbort } from '../core/errors';
import { keep, keptAt } from '../core/model/kept-files';
import type { ModelFile } from '../core/model/manifest';
import { fakeManifest } from '../core/testing/fake-manifest';
import { randomInt, seededRandom } from '../core/testing/random';
import { gate } from '../core/testing/gate';
import { type FileCache, ModelStore, type ModelStoreOptions, openFileCache } from './model-store';
import { Progress } from './progress';

type Bytes = Uint8Array<ArrayBuffer>;
/** What a server answers to one request: bytes, an HTTP status, or nothing at all. */
type Answer = Bytes | number | 'unreachable';

interface TestFile {
  readonly file: ModelFile;
  readonly bytes: Bytes;
}

const FOLDER = 'http://host/models/fake/';
const MANIFEST = `${FOLDER}manifest.json`;

async function makeFile(path: string, size = 1000): Promise<TestFile> {
  const random = seededRandom(size + path.length);
  const bytes = Uint8Array.from({ length: size }, () => randomInt(random, 0, 255));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { file: { path, bytes: size, sha256 }, bytes };
}

const damaged = (bytes: Bytes) => bytes.map((byte, index) => (index === 500 ? byte ^ 1 : byte));

class FakeCache implements FileCache {
  readonly entries = new Map<string, Bytes>();

  match(key: RequestInfo | URL): Promise<Response | undefined> {
    const bytes = this.entries.get(String(key));
    return Promise.resolve(bytes && new Response(bytes));
  }

  async put(key: RequestInfo | URL, response: Response): Promise<void> {
    this.entries.set(String(key), new Uint8Array(await response.arrayBuffer()));
  }

  delete(key: RequestInfo | URL): Promise<boolean> {
    return Promise.resolve(this.entries.delete(String(key)));
  }
}

/** Whoever keeps a file in it is gone when half of it is there. */
function onlyTheFirstHalf(cache: FakeCache): FileCache {
  return {
    match: (key) => cache.match(key),
    delete: (key) => cache.delete(key),
    put: async (key, response) => {
      const bytes = new Uint8Array(await response.arrayBuffer());
      await cache.put(key, new Response(bytes.slice(0, bytes.length / 2)));
      return new Promise(() => undefined);
    },
  };
}

/** A store before a server that gives these answers to its requests, one after the other. */
function storeBefore(answers: readonly Answer[], changes: Partial<ModelStoreOptions> = {}) {
  const remaining = [...answers];
  const requests: { readonly url: string; readonly cache: RequestCache | undefined }[] = [];
  const onRepaired = vi.fn();
  const report = vi.fn();
  const progress = new Progress(report);
  const store = new ModelStore({
    manifestUrl: MANIFEST,
    fetch: (url, options) => {
      requests.push({ url: String(url), cache: options?.cache });
      const answer = remaining.shift();
      if (answer === undefined || answer === 'unreachable') return Promise.reject(new TypeError('Failed to fetch'));
      return Promise.resolve(typeof answer === 'number' ? new Response('', { status: answer }) : new Response(answer));
    },
    cache: new FakeCache(),
    subtle: crypto.subtle,
    progress,
    onRepaired,
    signal: new AbortController().signal,
    ...changes,
  });
  const counts = () => {
    progress.flush();
    return report.mock.lastCall?.[0] as unknown;
  };
  return { store, requests, onRepaired, counts };
}

describe('ModelStore', () => {
  test('fetches a file under its hash, keeps it, and takes it from the cache next time', async () => {
    const { file, bytes } = await makeFile('q8/layer-01.onnx');
    const cache = new FakeCache();
    const first = storeBefore([bytes], { cache });
    expect(await first.store.fetchFile(file)).toEqual(bytes);
    expect(first.requests).toEqual([
      { url: `${FOLDER}q8/layer-01.onnx?sha=${file.sha256.slice(0, 16)}`, cache: 'default' },
    ]);
    expect(first.counts()).toMatchObject({ loadedBytes: 1000, totalBytes: 1000, cachedBytes: 0 });
    await vi.waitFor(async () => expect(await first.store.has(file)).toBe(true));

    const second = storeBefore([], { cache });
    expect(await second.store.fetchFile(file)).toEqual(bytes);
    expect(second.requests).toEqual([]);
    expect(second.counts()).toMatchObject({ loadedBytes: 1000, totalBytes: 1000, cachedBytes: 1000 });
    expect(second.onRepaired).not.toHaveBeenCalled();
  });

  test.each([
    ['changed', damaged],
    ['cut short', (bytes: Bytes) => bytes.slice(0, 900)],
  ])('a cached file that is %s is fetched again and reported', async (_, damage) => {
    const { file, bytes } = await makeFile('q8/layer-02.onnx');
    const cache = new FakeCache();
    await keep(cache, file, MANIFEST, damage(bytes));
    const { store, onRepaired, counts } = storeBefore([bytes], { cache });
    expect(await store.fetchFile(file)).toEqual(bytes);
    expect(onRepaired).toHaveBeenCalledExactlyOnceWith('q8/layer-02.onnx');
    expect(counts()).toMatchObject({ loadedBytes: 1000, totalBytes: 1000, cachedBytes: 0 });
    await vi.waitFor(() => expect(cache.entries.get(FOLDER + file.sha256)).toEqual(bytes));
  });

  test('a file whose keeping was broken off is not taken for kept, and is fetched again without a word', async () => {
    const { file, bytes } = await makeFile('q8/layer-03.onnx');
    const cache = new FakeCache();
    const broken = storeBefore([bytes], { cache: onlyTheFirstHalf(cache) });
    expect(await broken.store.fetchFile(file)).toEqual(bytes);
    await vi.waitFor(() => expect(cache.entries.get(keptAt(file, MANIFEST))).toEqual(bytes.slice(0, 500)));
    const { store, onRepaired, requests } = storeBefore([bytes], { cache });
    expect(await store.has(file)).toBe(false);
    expect(await store.fetchFile(file)).toEqual(bytes);
    expect(requests).toHaveLength(1);
    expect(onRepaired).not.toHaveBeenCalled();
    await vi.waitFor(async () => expect(await store.has(file)).toBe(true));
    expect(cache.entries.get(keptAt(file, MANIFEST))).toEqual(bytes);
  });

  test('a whole file without its mark is used, and marked', async () => {
    const { file, bytes } = await makeFile('q8/layer-04.onnx');
    const cache = new FakeCache();
    cache.entries.set(keptAt(file, MANIFEST), bytes);
    const { store, requests } = storeBefore([], { cache });
    expect(await store.fetchFile(file)).toEqual(bytes);
    expect(requests).toEqual([]);
    await vi.waitFor(async () => expect(await store.has(file)).toBe(true));
  });

  test('a damaged download is tried once more, past the HTTP cache, and is not counted twice', async () => {
    const { file, bytes } = await makeFile('a.onnx');
    const { store, requests, counts, onRepaired } = storeBefore([damaged(bytes), bytes]);
    expect(await store.fetchFile(file)).toEqual(bytes);
    expect(requests.map(({ cache }) => cache)).toEqual(['default', 'reload']);
    expect(counts()).toMatchObject({ loadedBytes: 1000, totalBytes: 1000 });
    expect(onRepaired).not.toHaveBeenCalled();
  });

  test.each([
    ['damaged', damaged],
    ['too short', (bytes: Bytes) => bytes.slice(1)],
    ['too long', (bytes: Bytes) => Uint8Array.from([...bytes, 0])],
  ])('a download that is %s twice is MODEL_FILE_DAMAGED and is not kept', async (_, damage) => {
    const { file, bytes } = await makeFile('a.onnx');
    const cache = new FakeCache();
    const { store, counts } = storeBefore([damage(bytes), damage(bytes)], { cache });
    await expect(store.fetchFile(file)).rejects.toMatchObject({ code: 'MODEL_FILE_DAMAGED' });
    expect(counts()).toMatchObject({ loadedBytes: 0, totalBytes: 1000 });
    expect(cache.entries.size).toBe(0);
  });

  test.each([404, 'unreachable'] as const)('a server that answers %s is MODEL_UNAVAILABLE', async (answer) => {
    const { file } = await makeFile('a.onnx');
    const { store } = storeBefore([answer, answer]);
    await expect(store.fetchFile(file)).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE', retryable: true });
  });

  test('works without Cache Storage and Web Crypto, and then checks the size only', async () => {
    const { file, bytes } = await makeFile('a.onnx');
    const { store } = storeBefore([damaged(bytes), bytes.slice(1), bytes.slice(1)], {
      cache: undefined,
      subtle: undefined,
    });
    expect(await store.fetchFile(file)).toEqual(damaged(bytes));
    await expect(store.fetchFile(file)).rejects.toMatchObject({ code: 'MODEL_FILE_DAMAGED' });
  });

  test('works with a cache that refuses everything', async () => {
    const { file, bytes } = await makeFile('a.onnx');
    const refuse = () => Promise.reject(new DOMException('no room', 'QuotaExceededError'));
    const { store } = storeBefore([bytes], { cache: { match: refuse, put: refuse, delete: refuse } });
    expect(await store.fetchFile(file)).toEqual(bytes);
  });

  test('fetches in the order asked for, two at a time', async () => {
    const files = await Promise.all(['1', '2', '3', '4'].map((path, index) => makeFile(path, 10 + index)));
    const gates = files.map(gate);
    const started: string[] = [];
    const fetch = async (url: URL | RequestInfo) => {
      const index = started.push(new URL(String(url)).pathname.slice(-1)) - 1;
      await gates[index]?.opened;
      return new Response(files[index]?.bytes);
    };
    const { store } = storeBefore([], { fetch });
    const fetched = files.map(({ file }) => store.fetchFile(file));
    await vi.waitFor(() => expect(started).toEqual(['1', '2']));
    gates[1]?.open();
    await fetched[1];
    await vi.waitFor(() => expect(started).toEqual(['1', '2', '3']));
    for (const { open } of gates) open();
    await Promise.all(fetched);
    expect(started).toEqual(['1', '2', '3', '4']);
  });

  test('fetches what a sample waits for at once, past the turns of the others', async () => {
    const { file, bytes } = await makeFile('a');
    const others = await Promise.all(['1', '2', '3'].map((path) => makeFile(path)));
    const fetch = (url: URL | RequestInfo) =>
      new URL(String(url)).pathname.endsWith('a')
        ? Promise.resolve(new Response(bytes))
        : new Promise<Response>(() => undefined);
    const { store, counts } = storeBefore([], { fetch });
    for (const other of others) void store.fetchFile(other.file);
    expect(await store.fetchAtOnce(file)).toEqual(bytes);
    expect(counts()).toMatchObject({ loadedBytes: 1000, totalBytes: 4000 });
  });

  test('an abort ends what is under way and what waits', async () => {
    const { file, bytes } = await makeFile('a.onnx');
    const abort = new AbortController();
    const hanging: typeof fetch = (_, options) =>
      new Promise((_, reject) => {
        options?.signal?.addEventListener('abort', () => reject(options.signal?.reason));
      });
    const { store } = storeBefore([bytes], { fetch: hanging, signal: abort.signal });
    const reasons = [1, 2, 3].map(() => store.fetchFile(file).catch((reason: unknown) => reason));
    await new Promise((resolve) => setTimeout(resolve, 5));
    abort.abort();
    expect((await Promise.all(reasons)).map(isAbort)).toEqual([true, true, true]);
  });
});

test('openFileCache throws away the files of its folder that the manifest does not name', async () => {
  const manifest = fakeManifest();
  const [{ file } = expect.fail()] = manifest.codecs;
  const [unnamed, elsewhere] = [`${FOLDER}${'a'.repeat(64)}`, `http://host/other/models/fake/${'a'.repeat(64)}`];
  const urls = [
    `${FOLDER}${manifest.tokenizer.sha256}`,
    `${FOLDER}${manifest.tokenizer.sha256}?whole`,
    `${FOLDER}${file.sha256}`,
    unnamed,
    elsewhere,
  ];
  const remove = vi.fn();
  const cache = { keys: () => Promise.resolve(urls.map((url) => ({ url }))), delete: remove };
  vi.stubGlobal('caches', { open: () => Promise.resolve(cache) });
  expect(await openFileCache(manifest, MANIFEST)).toBe(cache);
  expect(remove.mock.calls).toEqual([[unnamed]]);
  vi.unstubAllGlobals();
});
