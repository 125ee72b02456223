import type { Exit } from '../exits';
import { cascade, oneThreshold, reachableBelowOne, type ScoreInputs } from './policy';
import { calibrationOf } from './needs';
import { stackedWeights } from './stacking';
import { confidenceOf, exitsOfTiers, linearPool } from './tier-answers';

/**
 * The tiers reached vote, each with its last exits: P = Σ wᵢ pᵢ, with the weights under which the calibration rows' labels
 * are most probable (`stacking.ts`). A sample ends at a tier's last layer where max P ≥ τ.
 * Source: Decentralized Low-Latency Collaborative Inference via Ensembles on the Edge (2022). There, devices side by side
 * each have a model of their own and answer at the same time. Here, the members are exits of one body, one tier after
 * another: they err together, so that the votes cannot gain on the farthest exit, and each further vote costs its layers.
 * How near to the paper: what is reproduced is the vote, and that it ends as soon as it is sure; not what makes ensembles gain, members of
 * different bodies, which a model would have to bring.
 */
export const edgeEnsemble = cascade({
  id: 'edge-ensemble',
  name: 'Edge ensemble',
  group: 'Answers of several tiers',
  rule: 'the last exits of every tier i reached vote: P = Σ wᵢ · pᵢ, their class probabilities pᵢ with weights wᵢ fitted by likelihood; ends at a tier where max P reaches the threshold τ',
  source: 'Decentralized Low-Latency Collaborative Inference via Ensembles on the Edge, 2022 (members share one body)',
  needs: ['calibration'],
  parameters: [
    oneThreshold('A sentence ends at the last layer of a tier if the votes together are this sure.'),
    {
      id: 'members',
      label: 'Votes of each tier',
      min: 1,
      max: 4,
      step: 1,
      default: 2,
      hint: 'So many of the last exits of each tier vote.',
      shapesScore: true,
    },
  ],
  seesTiers: true,
  predict: voted,
  score: (exits, given) => confidenceOf(voted(exits, given), exits),
  threshold: ({ layer, tierLastLayer }, { threshold = Number.NaN }) =>
    layer === tierLastLayer ? reachableBelowOne(threshold) : Number.POSITIVE_INFINITY,
});

/** Undefined before the last layer of a tier. */
function voted(exits: readonly Exit[], { parameters, fitted, stretches }: ScoreInputs): readonly number[] | undefined {
  const voters = exitsOfTiers(exits, stretches, parameters.members);
  if (voters.length === 0) return undefined;
  const layers = voters.map(({ layer }) => layer);
  return linearPool(voters, stackedWeights('linear', layers, calibrationOf(fitted)));
}
