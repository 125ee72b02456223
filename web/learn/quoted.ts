/**
 * Figures that README's table has and the page cannot compute from one task: means over seven tasks at plan 4/8, as
 * `npm run compare` prints them. A test holds them to README.
 */
export const QUOTED = {
  split: { policy: 'Confidence', savedPercent: 69.7, lossPoints: 0.28 },
  pool: { policy: 'DIMEE pools', savedPercent: 44.2, lossPoints: 0.93 },
} as const;
