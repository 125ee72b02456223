import { hasCode } from '../errors';
import type { InferRequest, InferResult, Tier } from './tier';

export interface FallbackTierOptions {
  /** The tier above. */
  readonly above: Tier;
  /** A tier of this process that can run the same layers. It names itself in the steps, so that the result says who ran them. */
  readonly here: Tier;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
  /** A sample is taken on here. */
  readonly onFallback?: () => void;
}

/** Takes a sample on in this process where the tier above does not answer. */
export class FallbackTier implements Tier {
  constructor(private readonly options: FallbackTierOptions) {}

  async infer(request: InferRequest, signal: AbortSignal): Promise<InferResult> {
    const { above, here, now, onFallback } = this.options;
    const startedAt = now();
    try {
      return await above.infer(request, signal);
    } catch (error) {
      if (!hasCode(error, 'TIER_UNAVAILABLE')) throw error;
    }
    onFallback?.();
    const deadlineMs = request.deadlineMs - (now() - startedAt);
    const { tokens, steps, queueMs, distances } = await here.infer({ ...request, deadlineMs }, signal);
    // It has crossed to nobody, and its stay is the one that it already has here.
    return { tokens, steps, queueMs, distances, crossings: [], stays: [] };
  }
}
