import type { Exit } from '../exits';
import { cascade, oneThreshold, reachableBelowOne, type ScoreInputs } from './policy';
import { confidenceOf, exitsOfTiers, linearPool, trustIn } from './tier-answers';

/**
 * The tiers reached vote, each with its last exits: P = Σ wᵢ pᵢ, with weights by the exits' error rates on the calibration
 * split. A sample ends at a tier's last layer where max P ≥ τ.
 * Source: Decentralized Low-Latency Collaborative Inference via Ensembles on the Edge (2022). There, devices side by side
 * each have a model of their own and answer at the same time. Here, the members are exits of one body, one tier after
 * another: their errors are alike, so that less is gained than by as many models, and each further vote costs its layers.
 * What is reproduced is the vote, and that it ends as soon as it is sure.
 */
export const edgeEnsemble = cascade({
  id: 'edge-ensemble',
  name: 'Edge ensemble',
  group: 'Answers of several tiers',
  rule: 'the last exits of every tier i reached vote: P = Σ wᵢ · pᵢ, their class probabilities pᵢ with weights wᵢ; ends at a tier where max P reaches the threshold τ',
  source: 'Decentralized Low-Latency Collaborative Inference via Ensembles on the Edge, 2022 (members share one body)',
  needs: ['policyData'],
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
  return voters.length === 0 ? undefined : linearPool(voters, trustIn(voters, fitted));
}
