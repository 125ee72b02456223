/** ln(p / (1 − p)) of a probability, as far from 0 as `largest` at most: those of 0 and 1 are not finite. */
export function logOdds(p: number, largest: number): number {
  return Math.min(Math.max(Math.log(p) - Math.log1p(-p), -largest), largest);
}
