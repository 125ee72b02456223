import { median } from 'd3-array';
import type { LayerStep } from '../ladder/tier';
import { TIERS, type TierName } from '../layers';
import { type LayerTimes, REFERENCE_TOKENS } from './equipment';

/** A sample that has run: the part of `Climbed` that says how long its layers took. */
export interface TimedSample {
  readonly steps: readonly Pick<LayerStep, 'tier' | 'computeMs'>[];
  readonly tokens: number;
}

/** Median milliseconds of a layer, scaled to `REFERENCE_TOKENS` tokens, of each tier that has run any. */
export function measuredLayerTimes(samples: readonly TimedSample[]): Partial<LayerTimes> {
  const scaled: Record<TierName, number[]> = { mobile: [], edge: [], cloud: [] };
  for (const { steps, tokens } of samples) {
    if (tokens === 0) continue;
    for (const { tier, computeMs } of steps) scaled[tier].push((computeMs * REFERENCE_TOKENS) / tokens);
  }
  const measured = TIERS.filter((tier) => scaled[tier].length > 0);
  return Object.fromEntries(measured.map((tier) => [tier, median(scaled[tier])]));
}
