import type { Aim } from '../../../core/tuning/optimise';

/** Which parameters are chosen, to stand before “on the calibration split”. */
export function aimInWords(aim: Aim): string {
  return aim.kind === 'allowedLoss'
    ? `the cheapest parameters expected to lose at most ${aim.points} points of accuracy to the last exit`
    : `the parameters expected to lose least that cost at least ${aim.costCutPercent} % less than all cloud`;
}
