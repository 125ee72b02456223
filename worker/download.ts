/** Milliseconds without a byte after which a download is given up. */
const STALL_MS = 30_000;

export interface DownloadOptions {
  readonly fetch: typeof fetch;
  /** `reload` passes by the browser's HTTP cache. */
  readonly cache: RequestCache;
  readonly signal: AbortSignal;
  /** Called with the number of bytes of every piece that arrives. */
  readonly onBytes: (count: number) => void;
}

/**
 * The body at an address, as far as `mostBytes`: one that is longer is cut there.
 * @throws Error where it cannot be fetched; an `AbortError` once the signal is aborted.
 */
export async function download(
  url: string,
  mostBytes: number,
  { fetch, cache, signal, onBytes }: DownloadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const stall = new StallGuard();
  try {
    const response = await fetch(url, { cache, signal: AbortSignal.any([signal, stall.signal]) });
    if (!response.ok || !response.body) throw new Error(`The server answered ${response.status}.`);
    const reader = response.body.getReader();
    const bytes = new Uint8Array(mostBytes);
    let length = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return bytes.subarray(0, length);
      stall.rewind();
      onBytes(value.length);
      bytes.set(value.subarray(0, mostBytes - length), length);
      length += Math.min(value.length, mostBytes - length);
    }
  } finally {
    stall.end();
  }
}

/** Aborts once nothing has happened for too long. */
class StallGuard {
  readonly #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.rewind();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  rewind(): void {
    this.end();
    this.#timer = setTimeout(() => this.#abort.abort(new Error(`No byte came for ${STALL_MS / 1000} s.`)), STALL_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
