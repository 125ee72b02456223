import type { WorkerMessage } from '../core/protocol/page-messages';

type ProgressMessage = Extract<WorkerMessage, { type: 'progress' }>;

const REPORT_MS = 250;

/** Counts the bytes of all that is being fetched, and tells of them four times a second at most. */
export class Progress {
  #loadedBytes = 0;
  #totalBytes = 0;
  #cachedBytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly report: (message: ProgressMessage) => void) {}

  /** So many bytes more will be needed. */
  need(bytes: number): void {
    this.#totalBytes += bytes;
    this.#changed();
  }

  /** So many of them are here; fewer again where a download is thrown away. */
  load(bytes: number): void {
    this.#loadedBytes += bytes;
    this.#changed();
  }

  /** So many of them are here without having crossed the network. */
  loadCached(bytes: number): void {
    this.#cachedBytes += bytes;
    this.load(bytes);
  }

  /** Tells now what would be told soon. */
  flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const [loadedBytes, totalBytes, cachedBytes] = [this.#loadedBytes, this.#totalBytes, this.#cachedBytes];
    this.report({ type: 'progress', loadedBytes, totalBytes, cachedBytes });
  }

  #changed(): void {
    this.#timer ??= setTimeout(() => this.flush(), REPORT_MS);
  }
}
