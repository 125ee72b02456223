import { agreeingRun } from './exit-features';
import { cascade, patienceRow } from './policy';

/**
 * Leave when the prediction has stayed the same t times: the counter is 0 at the first exit and wherever an exit names
 * another class than the one before it, else one more than there; a sample leaves where it is t. So t + 1 exits in a row
 * agree. The count goes on across tiers: the earlier exits travel with the sample.
 * Source: PABEE (arXiv 2006.04152), for classification; its released code counts alike. How near to the paper: as there but for
 * two things: ramps read more than the [CLS] state, and t = 0, which that code takes for no early exit at all, is here what the
 * formula says: the first exit.
 */
export const patience = cascade({
  id: 'patience',
  name: 'Patience',
  group: 'How layers follow each other',
  rule: 'answered when the class has stayed the same from exit to exit t times in a row, t being the patience',
  source: 'PABEE, arXiv 2006.04152',
  parameters: [
    {
      ...patienceRow(3, 'A sentence leaves once so many exits in a row name the class of the exit before them.'),
      min: 0,
    },
  ],
  score: (exits) => agreeingRun(exits) - 1,
  threshold: (_place, { patience = Number.NaN }) => patience,
});
