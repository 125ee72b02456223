/** Milliseconds without a byte after which a download is given up. */
const STALL_MS = 20_000;

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
  options: DownloadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(mostBytes);
  let length = 0;
  await readBody(url, options, (piece) => {
    bytes.set(piece.subarray(0, mostBytes - length), length);
    length += Math.min(piece.length, mostBytes - length);
  });
  return bytes.subarray(0, length);
}

/**
 * Reads what is at an address to its end, piece by piece.
 * @throws Error where it cannot be fetched; an `AbortError` once the signal is aborted.
 */
export async function readBody(
  url: string,
  { fetch, cache, signal, onBytes }: DownloadOptions,
  onPiece: (piece: Uint8Array) => void = () => undefined,
): Promise<void> {
  const stall = new StallGuard(signal);
  try {
    const response = await fetch(url, { cache, signal: stall.signal });
    if (!response.ok || !response.body) throw new Error(`The server answered ${response.status}.`);
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      stall.rewind();
      onBytes(value.length);
      onPiece(value);
    }
  } finally {
    stall.end();
  }
}

/** Aborts once nothing has happened for too long, or another signal does. */
class StallGuard {
  readonly #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #passOn: () => void;

  /** Browsers before Chrome 116 and Safari 17.4 have no `AbortSignal.any`. */
  constructor(private readonly outer: AbortSignal) {
    this.#passOn = () => this.#abort.abort(outer.reason);
    if (outer.aborted) this.#passOn();
    outer.addEventListener('abort', this.#passOn, { once: true });
    this.rewind();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  rewind(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#abort.abort(new Error(`No byte came for ${STALL_MS / 1000} s.`)), STALL_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.outer.removeEventListener('abort', this.#passOn);
  }
}
