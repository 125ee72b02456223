import type { Aim } from '../../../core/tuning/optimise';

/** Which parameters are chosen, to stand before “on the calibration split”. */
export function aimInWords(aim: Aim): string {
  return aim.kind === 'allowedLoss'
    ? `the cheapest parameters expected to lose at most ${aim.points} points of accuracy against all layers`
    : `the parameters expected to lose least that save at least ${aim.costCutPercent} % of the compute`;
}
