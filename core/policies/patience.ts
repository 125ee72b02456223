import { agreeingRun } from './exit-features';
import { cascade, patienceRow } from './policy';

/**
 * Leave when t exits in a row name the same class. Source: PABEE (arXiv 2006.04152).
 * The count goes on across tiers: the earlier exits travel with the sample.
 */
export const patience = cascade({
  id: 'patience',
  name: 'Patience',
  group: 'How layers follow each other',
  rule: 'answered when t exits in a row agree, t being the patience',
  source: 'PABEE, arXiv 2006.04152',
  parameters: [patienceRow(4, 'A sentence leaves once this many exits in a row agree on its class.')],
  score: agreeingRun,
  threshold: (_place, { patience = Number.NaN }) => patience,
});
