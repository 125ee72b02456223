import type { terms } from '../words/en/terms';

export type TermId = keyof typeof terms.list;

/** Where a term comes from. `card`: the card of the model that the page runs. */
export type TermSource = 'card' | { readonly name: string; readonly url: string };

/** What of a term is the same in every language. */
export interface TermFacts {
  /** In the notation of `formula.ts`. */
  readonly formula?: string;
  /** A term that the page itself coined has none. */
  readonly source?: TermSource;
}

const arxiv = (name: string, id: string): TermSource => ({
  name: `${name}, arXiv ${id}`,
  url: `https://arxiv.org/abs/${id}`,
});
const DIMEE = arxiv('DIMEE', '2410.05338');
const SPLIT_EE = arxiv('SplitEE', '2309.09195');
const GUO = arxiv('Guo and others', '1706.04599');

/** Every term, in the order of the glossary; formulas say what the code computes. */
export const TERMS: Readonly<Record<TermId, TermFacts>> = {
  earlyExit: { formula: 'k = min { l : s_l ≥ τ_l }', source: arxiv('BranchyNet', '1709.01686') },
  exitRamp: { formula: 'p = softmax(z / T)', source: arxiv('DeeBERT', '2004.12993') },
  hiddenState: { formula: 'B = N · H · b', source: 'card' },
  confidence: { formula: 'C = max_k p_k', source: arxiv('MSDNet', '1703.09844') },
  threshold: { formula: 'C ≥ τ', source: arxiv('MSDNet', '1703.09844') },
  policy: { formula: 's_l ≥ τ_l', source: arxiv('MSDNet', '1703.09844') },
  tier: { formula: '1 ≤ m ≤ n ≤ L', source: arxiv('DDNN', '1709.01921') },
  splitAgainstPool: { formula: 't = argmin_t ‖e − c_t‖', source: DIMEE },
  allLayers: {},
  offloading: { formula: 'o_{me}, o_{ec}, o_{mc}', source: SPLIT_EE },
  payload: { source: 'card' },
  costUnit: { formula: 'c = ∑_t λ_t · k_t + ∑ o', source: SPLIT_EE },
  computeSaved: { formula: 'S = 1 − c / (o_{mc} + L · λ_c)' },
  points: { formula: 'd = 100 · (a_L − a)' },
  calibration: { formula: 'ECE = ∑_b n_b / n · |a_b − C_b|', source: GUO },
  temperature: { formula: 'p_k = exp(z_k / T) / ∑_j exp(z_j / T)', source: GUO },
  devSplit: { source: 'card' },
  calibrationSplit: { source: 'card' },
  interval: { source: { name: 'Efron, 1979', url: 'https://doi.org/10.1214/aos/1176344552' } },
  baseline: { source: 'card' },
  oracle: { formula: 'k = min { l : y_l = y }', source: 'card' },
  percentiles: { formula: 'P(t ≤ t_{95}) = 0.95' },
  regret: { formula: 'R = ∑_i (r_i(a*) − r_i(a_i))', source: SPLIT_EE },
};
