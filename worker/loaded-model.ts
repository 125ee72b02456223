import { errorData } from '../core/errors';
import { toLayer } from '../core/layers';
import { HeldStates } from '../core/ladder/held-states';
import type { LoadMessage, WorkerMessage } from '../core/protocol/page-messages';
import { patiently } from '../core/patiently';
import type { MobileTierParts } from './mobile-tier-parts';
import type { OpenedModel } from './open-model';

/** About 340 samples of 128 tokens. */
const MOST_HELD_BYTES = 64 * 2 ** 20;
/** What of a load makes it ask for another model, or for the same one in another way. */
const ASKED_OF_A_MODEL = ['manifestUrl', 'backend', 'variant', 'threads', 'adapter', 'edgeAlone'] as const;

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
    const post = (message: WorkerMessage) => this.#post(message);
    this.opened = patiently(() => parts.openModel(request, post, this.#abort.signal), {
      isWanted: () => !this.#abort.signal.aborted,
      onFailure: (error) => post({ type: 'broken', error: errorData(error) }),
    });
    this.opened.catch(() => (this.#hasFailed = true));
  }

  /** A model that could not be opened is tried again from the start. */
  isFor(other: LoadMessage): boolean {
    const isAlike = (field: keyof LoadMessage) => this.request[field] === other[field];
    return !this.#hasFailed && ASKED_OF_A_MODEL.every(isAlike);
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
