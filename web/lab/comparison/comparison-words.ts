import type { Interval } from '../../../core/numbers/bootstrap';
import { fixed } from '../../../core/lab/comparison-table';
import type { Aim } from '../../../core/tuning/optimise';

/** Which parameters are chosen, to stand before “on the calibration split”. */
export function aimInWords(aim: Aim): string {
  return aim.kind === 'allowedLoss'
    ? `the cheapest parameters expected to lose at most ${aim.points} points of accuracy to the last exit`
    : `the parameters expected to lose least that cost at least ${aim.costCutPercent} % less than all cloud`;
}

/** A number with so many digits after its point, and a minus that is as wide as a plus. */
export function signed(value: number, digits: number): string {
  return fixed(value, digits).replace('-', '−');
}

export function rangeInWords([low, high]: Interval, digits: number): string {
  return `${signed(low, digits)} to ${signed(high, digits)}`;
}
