import { cascade } from './policy';

/**
 * Leave at the first exit that is right, or at the last one where none is: no choice among these exits answers more samples
 * rightly. It knows the gold labels, so it is a bound and not a policy to use.
 */
export const oracle = cascade({
  id: 'oracle',
  name: 'Oracle',
  role: 'oracle',
  group: 'Baselines',
  rule: 'answered at the first exit whose label is the right one, which only who knows it can tell',
  source: 'baseline: the best there could be',
  needs: ['gold'],
  parameters: [],
  score: (exits, { sample }) => (exits.at(-1)?.label === sample.gold ? 1 : 0),
  threshold: () => 1,
});
