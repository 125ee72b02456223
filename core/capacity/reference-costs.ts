import type { BoxCosts } from './box-costs';

/** The machine that was measured. */
export const REFERENCE_MACHINE = 'two cores of a cloud machine with AVX-512';

/**
 * Of it, with the 8-bit variant of the model that comes with this: what `npm run bench -- capacity --json` printed there. The
 * variation was not measured there, but on two cores with AVX2.
 */
export const REFERENCE_COSTS: BoxCosts = {
  perCallMs: 0.376,
  perTokenMs: 0.0199,
  perPairMs: 4.7e-6,
  variation: 0.25,
  aroundMs: 1.62,
};

/**
 * How many times as long the 95th percentile of a real edge took as the simulated one, by how busy its cores were: what
 * `npm run bench -- capacity --json` printed on two cores with AVX2.
 */
export const REAL_OVER_SIMULATED = { at40To60Percent: 1.5, at80Percent: 2.7 };
