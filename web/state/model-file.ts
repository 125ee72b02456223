import { DimeeError } from '../../core/errors';
import { fetchedFrom, keep, keptAt, mark, markedAt, MODEL_CACHE } from '../../core/model/kept-files';
import type { ModelFile } from '../../core/model/manifest';

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * A file of the model, for the page itself: kept in the browser under its hash, for the next visit and for one without a
 * network.
 * @throws DimeeError `MODEL_UNAVAILABLE` where the server has none; what `fetch` throws where there is no server.
 */
export async function fetchModelFile(file: ModelFile, { href }: URL): Promise<Bytes> {
  const cache = await openCache();
  const kept = await cache?.match(keptAt(file, href)).catch(() => undefined);
  const bytes = kept && new Uint8Array(await kept.arrayBuffer());
  // Whether it is intact is for whoever reads it to find out; one of another size never is.
  if (cache && bytes?.length === file.bytes) {
    void mark(cache, file, href);
    return bytes;
  }
  const response = await fetch(fetchedFrom(file, href));
  if (!response.ok) throw new DimeeError('MODEL_UNAVAILABLE', `The server answered ${response.status}.`);
  const fetched = new Uint8Array(await response.arrayBuffer());
  if (cache && fetched.length === file.bytes) void keep(cache, file, href, fetched);
  return fetched;
}

/** Which of some files the browser keeps whole, by their hash. */
export async function keptFiles(files: readonly ModelFile[], { href }: URL): Promise<ReadonlySet<string>> {
  const cache = await openCache();
  const urls = new Set((await cache?.keys().catch(() => []))?.map(({ url }) => url));
  return new Set(files.filter((file) => urls.has(markedAt(file, href))).map(({ sha256 }) => sha256));
}

/** Undefined where the browser has no such place: plain http from another machine, some private windows. */
async function openCache(): Promise<Cache | undefined> {
  try {
    return await caches.open(MODEL_CACHE);
  } catch {
    return undefined;
  }
}
