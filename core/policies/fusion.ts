import type { Exit } from '../exits';
import { cascade, reachableBelowOne, type ScoreInputs, thresholdOf, tierThresholds } from './policy';
import { calibrationOf } from './needs';
import { stackedWeights } from './stacking';
import { confidenceOf, exitsOfTiers, logLinearPool } from './tier-answers';

/**
 * Answer at once from the mobile tier; unless that is sure, ask on and refine the answer when the farther tier's arrives:
 * p ∝ p(near)^w · p(far)^(1 − w), of the last exits of the mobile tier and of the farthest tier reached, with the w under
 * which the calibration rows' labels are most probable (`stacking.ts`). A sample ends at a tier's last exit where max p ≥ τ.
 * Both are exits of one body, so that the near one knows nothing that the far one does not: w is 0.00 to 0.02 with the
 * shipped model and its default split, and nothing can be gained over asking the tiers' last exits alone. Members with
 * bodies of their own would be another matter.
 * Source: Streaming Video Analytics On The Edge With Asynchronous Cloud Support (2022), which fuses detections in video
 * frames; what is kept of it is that the near answer stands until the far one comes and then counts on. The rule by which
 * two class distributions are fused is ours: a logarithmic opinion pool. How near to the paper: in
 * its flow alone.
 */
export const fusion = cascade({
  id: 'fusion',
  name: 'Edge-cloud fusion',
  group: 'Answers of several tiers',
  rule: 'answered here, refined by the farther tier: p ∝ p(near)^w · p(far)^(1 − w), w being the weight of the near one, fitted by likelihood; ends at a tier where the confidence max p reaches the threshold τ',
  source: 'Streaming Video Analytics On The Edge With Asynchronous Cloud Support, 2022 (the rule of fusion is ours)',
  needs: ['calibration'],
  parameters: tierThresholds(
    { min: 0, max: 1, step: 0.005 },
    { mobile: 0.9, edge: 0.9, cloud: 1 },
    'A sentence ends at the last layer of this tier if the answer so far is this sure.',
  ).filter(({ id }) => id !== 'cloudThreshold'),
  seesTiers: true,
  predict: fused,
  score: (exits, given) => confidenceOf(fused(exits, given), exits),
  threshold: ({ layer, tier, tierLastLayer }, parameters) =>
    layer === tierLastLayer ? reachableBelowOne(thresholdOf(tier, parameters)) : Number.POSITIVE_INFINITY,
});

/** Undefined where no tier but the first has come to its last layer. */
function fused(exits: readonly Exit[], { fitted, stretches }: ScoreInputs): readonly number[] | undefined {
  const ends = exitsOfTiers(exits, stretches);
  const [near, far] = [ends[0], ends.at(-1)];
  if (!near || !far || near === far) return undefined;
  return logLinearPool([near, far], stackedWeights('logLinear', [near.layer, far.layer], calibrationOf(fitted)));
}
