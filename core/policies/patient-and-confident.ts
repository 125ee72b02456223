import { cascade, oneThreshold, patienceRow, reachableBelowOne } from './policy';

/**
 * Leave when t exits in a row are each confident: max p ≥ τ at all of them. They need not name the same class.
 * Source: PCEE-BERT (Findings of NAACL 2022). The count goes on across tiers. A threshold of 1 is never reached.
 * How near to the paper: its count; there an exit is confident where its entropy is small, which orders samples of two
 * classes alike.
 * The score is the least confidence of the latest t exits, so that a moved τ needs no new scores.
 */
export const patientAndConfident = cascade({
  id: 'patient-and-confident',
  name: 'Patient and confident',
  group: 'How layers follow each other',
  rule: 'answered when t exits in a row have a confidence max p of at least the threshold τ, t being the patience',
  source: 'PCEE-BERT, NAACL 2022',
  parameters: [
    { ...patienceRow(2, 'A sentence leaves once this many exits in a row are confident.'), shapesScore: true },
    oneThreshold('An exit is confident from this confidence on, on every tier.'),
  ],
  score: (exits, { parameters: { patience = Number.NaN } }) => {
    if (!(exits.length >= patience)) return Number.NEGATIVE_INFINITY;
    let least = Number.POSITIVE_INFINITY;
    // Not by `at` (see there): a trace is scored a twelfth slower by it.
    for (let index = exits.length - patience; index < exits.length; index++) {
      least = Math.min(least, exits[index]?.confidence ?? Number.NaN);
    }
    return least;
  },
  threshold: (_place, { threshold = Number.NaN }) => reachableBelowOne(threshold),
});
