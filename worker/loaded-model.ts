import { toLayer } from '../core/layers';
import { HeldStates } from '../core/ladder/held-states';
import type { LoadMessage, WorkerMessage } from '../core/protocol/page-messages';
import type { MobileTierParts } from './mobile-tier-parts';
import type { OpenedModel } from './open-model';

/** About 340 samples of 128 tokens. */
const MOST_HELD_BYTES = 64 * 2 ** 20;

/** A model in use, until another one takes its place. */
export class LoadedModel {
  readonly opened: Promise<OpenedModel>;
  readonly heldStates = new HeldStates(MOST_HELD_BYTES);
  readonly #abort = new AbortController();
  #isMuted = false;
  #hasFailed = false;

  constructor(
    private readonly request: LoadMessage,
    private readonly parts: Pick<MobileTierParts, 'openModel' | 'post'>,
  ) {
    this.opened = parts.openModel(request, (message) => this.#post(message), this.#abort.signal);
    this.opened.catch(() => (this.#hasFailed = true));
  }

  /** A model that could not be opened is tried again from the start. */
  isFor({ manifestUrl, backend, variant }: LoadMessage): boolean {
    const { request } = this;
    if (this.#hasFailed) return false;
    return request.manifestUrl === manifestUrl && request.backend === backend && request.variant === variant;
  }

  #post(message: WorkerMessage): void {
    if (!this.#isMuted) this.parts.post(message);
  }

  /** Resolves once layers 1 to `lastLayer` can run. */
  async prepare(mobileLayers: number): Promise<void> {
    const { runtime, progress } = await this.opened;
    await runtime.prepare(toLayer(mobileLayers));
    progress.flush();
  }

  mute(): void {
    this.#isMuted = true;
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.opened.then(
      ({ runtime }) => runtime.dispose(),
      () => undefined,
    );
  }
}
