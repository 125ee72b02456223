import { exitReliability } from '../../core/lab/reliability';
import { type Plan, stretchesOf } from '../../core/layers';
import type { ParameterSpec, Policy } from '../../core/policies/policy';
import type { CalibratedTrace } from '../../core/trace/calibrated-trace';

/** What a threshold on confidence has to go by. */
export interface ThresholdWorth {
  /** The last exit of the tier that it belongs to. */
  readonly layer: number;
  /** How well confidence tells right answers from wrong ones there, on the calibration split: 0.5 not at all, 1 wholly. */
  readonly auroc: number;
}

/** Undefined where the parameter is no threshold of a tier on confidence, or the tier has no layers. */
export function thresholdWorth(
  { asksForConfidence }: Pick<Policy, 'asksForConfidence'>,
  { tier }: Pick<ParameterSpec, 'tier'>,
  plan: Plan,
  calibration: CalibratedTrace,
): ThresholdWorth | undefined {
  if (!asksForConfidence || tier === undefined) return undefined;
  const stretch = stretchesOf('cascade', plan, calibration.trace.layers).find((one) => one.tier === tier);
  if (!stretch) return undefined;
  return { layer: stretch.lastLayer, auroc: exitReliability(calibration, stretch.lastLayer).auroc };
}
