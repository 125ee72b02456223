import { uint8ArrayToHex } from 'uint8array-extras';
import { DimeeError, messageOf } from '../core/errors';
import { Queue } from '../core/ladder/queue';
import { fetchedFrom, keep, keepableFiles, keptAt, mark, markedAt, MODEL_CACHE } from '../core/model/kept-files';
import type { Manifest, ModelFile } from '../core/model/manifest';
import { download } from './download';
import type { Progress } from './progress';

/** The part of a browser's `Cache` that the store uses. */
export type FileCache = Pick<Cache, 'match' | 'put' | 'delete'>;

export interface ModelStoreOptions {
  /** Absolute address of `manifest.json`; the files lie below its folder. */
  readonly manifestUrl: string;
  readonly fetch: typeof fetch;
  /** Where files are kept by their hash, or undefined where the browser has no such place (plain http on a LAN). */
  readonly cache: FileCache | undefined;
  /** Web Crypto, undefined in the same places. Without it only sizes are checked. */
  readonly subtle: Pick<SubtleCrypto, 'digest'> | undefined;
  readonly progress: Progress;
  /** A file that was kept whole had been damaged since, and has been fetched again. */
  readonly onRepaired: (path: string) => void;
  /** Ends all downloads. */
  readonly signal: AbortSignal;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** One connection seldom fills the line; many would make the first layer as late as the last. */
const DOWNLOADS_AT_ONCE = 2;

/** The files of a model: fetched in the order they are asked for, checked, and kept in the browser for the next visit. */
export class ModelStore {
  readonly #downloads = new Queue({ lanes: DOWNLOADS_AT_ONCE, now: () => performance.now() });

  constructor(private readonly options: ModelStoreOptions) {}

  /**
   * The bytes of a file; the caller owns them.
   * @throws DimeeError `MODEL_UNAVAILABLE` where it cannot be fetched, `MODEL_FILE_DAMAGED` where it is damaged twice.
   */
  fetchFile(file: ModelFile): Promise<Bytes> {
    this.options.progress.need(file.bytes);
    return this.#downloads.run(() => this.#obtain(file));
  }

  /** The same, without a turn: a small file that a sample waits for, ahead of layers fetched for later. */
  fetchAtOnce(file: ModelFile): Promise<Bytes> {
    this.options.progress.need(file.bytes);
    return this.#obtain(file);
  }

  /** Whether all of it is kept here, so that nothing has to be fetched. */
  async has(file: ModelFile): Promise<boolean> {
    const found = await this.options.cache?.match(markedAt(file, this.options.manifestUrl)).catch(() => undefined);
    return found !== undefined;
  }

  async #obtain(file: ModelFile): Promise<Bytes> {
    const { cache, manifestUrl, progress, onRepaired } = this.options;
    const [cached, wasWhole] = await Promise.all([this.#kept(file), this.has(file)]);
    if (cached && (await this.#isIntact(cached, file))) {
      progress.loadCached(file.bytes);
      if (cache && !wasWhole) void mark(cache, file, manifestUrl);
      return cached;
    }
    if (cached) await this.#forget(file);
    const bytes = await this.#download(file, 'default').catch(() => this.#download(file, 'reload'));
    if (cache) void keep(cache, file, manifestUrl, bytes);
    if (cached && wasWhole) onRepaired(file.path);
    return bytes;
  }

  async #kept(file: ModelFile): Promise<Bytes | undefined> {
    const { cache, manifestUrl } = this.options;
    const response = await cache?.match(keptAt(file, manifestUrl)).catch(() => undefined);
    return response && new Uint8Array(await response.arrayBuffer());
  }

  /** The mark first: without it the file counts for nothing. */
  async #forget(file: ModelFile): Promise<void> {
    const { cache, manifestUrl } = this.options;
    await cache?.delete(markedAt(file, manifestUrl));
    await cache?.delete(keptAt(file, manifestUrl));
  }

  async #download(file: ModelFile, cacheMode: RequestCache): Promise<Bytes> {
    const { fetch, progress, signal } = this.options;
    let loaded = 0;
    const onBytes = (count: number) => {
      loaded += count;
      progress.load(count);
    };
    try {
      signal.throwIfAborted();
      const url = fetchedFrom(file, this.options.manifestUrl).href;
      const bytes = await download(url, file.bytes, { fetch, cache: cacheMode, signal, onBytes });
      if (loaded === file.bytes && (await this.#isIntact(bytes, file))) return bytes;
      throw new DimeeError('MODEL_FILE_DAMAGED', `${file.path} arrived damaged. Reload the page to fetch it again.`);
    } catch (error) {
      progress.load(-loaded);
      throw signal.aborted ? signal.reason : fetchError(file, error);
    }
  }

  async #isIntact(bytes: Bytes, { bytes: size, sha256 }: ModelFile): Promise<boolean> {
    if (bytes.length !== size) return false;
    const digest = await this.options.subtle?.digest('SHA-256', bytes);
    return digest === undefined || uint8ArrayToHex(new Uint8Array(digest)) === sha256;
  }
}

function fetchError({ path }: ModelFile, error: unknown): DimeeError {
  if (error instanceof DimeeError) return error;
  const problem = messageOf(error);
  const message = `${path} could not be fetched. Is the server still there? ${problem}`;
  return new DimeeError('MODEL_UNAVAILABLE', message, { retryable: true, cause: error });
}

/** Where model files are kept between visits. Files of the model that its manifest no longer names are thrown away. */
export async function openFileCache(manifest: Manifest, manifestUrl: string): Promise<FileCache | undefined> {
  try {
    const cache = await caches.open(MODEL_CACHE);
    const addresses = (file: ModelFile) => [keptAt(file, manifestUrl), markedAt(file, manifestUrl)];
    const wanted = new Set(keepableFiles(manifest).flatMap(addresses));
    const folder = new URL('.', manifestUrl).href;
    for (const { url } of await cache.keys()) if (url.startsWith(folder) && !wanted.has(url)) void cache.delete(url);
    return cache;
  } catch {
    return undefined;
  }
}
