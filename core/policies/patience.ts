import type { Policy } from './policy';

/**
 * Leave when t exits in a row name the same class. Source: PABEE (arXiv 2006.04152).
 * The count goes on across tiers: the earlier exits travel with the sample.
 */
export const patience: Policy = {
  id: 'patience',
  name: 'Patience',
  rule: 'leave when t exits in a row agree',
  source: 'PABEE, arXiv 2006.04152',
  route: 'cascade',
  parameters: [
    {
      id: 'patience',
      label: 'Patience',
      min: 1,
      max: 12,
      step: 1,
      default: 4,
      hint: 'A sentence leaves once this many exits in a row agree on its class.',
    },
  ],
  score: (exits) => {
    const label = exits.at(-1)?.label;
    const firstDisagreement = exits.findLastIndex((exit) => exit.label !== label);
    return exits.length - 1 - firstDisagreement;
  },
  exitRule: (_tier, parameters) => {
    const patience = parameters.patience ?? Number.NaN;
    return (score) => score >= patience;
  },
};
