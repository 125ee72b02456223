import type { BoxCosts } from './box-costs';

/** The machine that was measured. */
export const REFERENCE_MACHINE = 'two cores of a cloud machine with AVX-512';

/** Of it, with the 8-bit variant of the model that comes with this: what `npm run bench -- capacity --json` printed there. */
export const REFERENCE_COSTS: BoxCosts = {
  perCallMs: 0.376,
  perTokenMs: 0.0199,
  perPairMs: 4.7e-6,
  variation: 0.2,
  aroundMs: 1.62,
};
