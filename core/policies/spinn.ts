import { byConfidence } from './confidence';
import { cascade, oneThreshold, reachableBelowOne } from './policy';

/**
 * Leave when max p ≥ τ, with one τ for every exit of every tier. What makes it SPINN is its planner
 * (`core/network/joint-plan.ts`), which chooses τ together with the split for a network. One τ, since then where a sample
 * leaves does not depend on the split, and the planner need not replay the trace for each. 1 is never reached.
 * Source: SPINN (arXiv 2008.06402).
 * How near to the paper: its rule and what its scheduler chooses, τ and the split together. There are one split and a
 * scheduler that goes on while it runs, and several objectives; here two splits, and one aim, beforehand.
 * `compare` and the page's table replay every policy under one plan, so there it plans nothing and is one threshold for all
 * tiers.
 */
export const spinn = cascade({
  id: 'spinn',
  name: 'Joint split and exit',
  group: 'How sure one exit is',
  ordersPairsByConfidence: true,
  rule: 'answered when the confidence max p reaches the threshold τ, one for every exit; Compare chooses it and the split together for a network',
  source: 'SPINN, arXiv 2008.06402',
  parameters: [
    oneThreshold(
      'A sentence leaves at the first layer whose confidence reaches the threshold, whichever tier runs it.',
    ),
  ],
  ...byConfidence,
  threshold: (_place, { threshold = Number.NaN }) => reachableBelowOne(threshold),
});
