import { DimeeError } from '../errors';
import { LazyMap } from '../lazy';
import type { LayerIndex } from '../layers';
import { patiently } from '../patiently';

/** Fetches all that layers 1 to `lastLayer` need. */
export type PrepareLayers = (lastLayer: LayerIndex) => Promise<void>;

/** Whether this device can run its layers: what they lack, and the attempts to mend that. */
export class OwnLayers {
  #problem: DimeeError | undefined;
  /** Attempts under way, by the last layer: all that wait for it wait for the same one. */
  readonly #attempts = new LazyMap<LayerIndex, void>((lastLayer) =>
    patiently(() => this.prepare(lastLayer), { isWanted: () => true }),
  );

  constructor(private readonly prepare: PrepareLayers) {}

  /** Why they cannot run, as far as it is known. */
  get problem(): DimeeError | undefined {
    return this.#problem;
  }

  /** To be told what layers 1 to `lastLayer` lack: they count as out of order until that has been mended. */
  lack(problem: DimeeError, lastLayer: LayerIndex): void {
    this.#problem = problem;
    if (!problem.retryable) return;
    this.ready(lastLayer).then(
      () => (this.#problem = undefined),
      (error: unknown) => {
        if (error instanceof DimeeError) this.#problem = error;
      },
    );
  }

  /**
   * Resolves once layers 1 to `lastLayer` can run, however long that takes.
   * @throws DimeeError where they never will.
   */
  ready(lastLayer: LayerIndex): Promise<void> {
    const problem = this.#problem;
    return problem && !problem.retryable ? Promise.reject(problem) : this.#attempts.get(lastLayer);
  }
}

/** The error says that this device lacks what its layers need: a file, or a runtime that runs them. */
export function isLack(error: unknown): error is DimeeError {
  return error instanceof DimeeError && (error.code === 'MODEL_UNAVAILABLE' || error.code === 'MODEL_FILE_DAMAGED');
}
