import { DimeeError } from './errors';

/** Milliseconds between attempts: the first ones are close, since most gaps are short. */
const PAUSE_MS = { first: 500, longest: 8000 };

export interface PatienceOptions {
  /** Asked after each failure: what nobody wants any more is given up. */
  readonly isWanted: () => boolean;
  /** Hears of each failure that is followed by another attempt. */
  readonly onFailure?: (error: DimeeError) => void;
}

/**
 * Tries until it succeeds, a little later each time.
 * @throws what the attempt threw where that cannot succeed later, or is not wanted any more.
 */
export async function patiently<Result>(
  attempt: () => Promise<Result>,
  { isWanted, onFailure }: PatienceOptions,
): Promise<Result> {
  for (let pauseMs = PAUSE_MS.first; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MS.longest)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof DimeeError && error.retryable) || !isWanted()) throw error;
      onFailure?.(error);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
