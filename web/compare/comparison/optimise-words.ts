import type { Before, OnCalibration, Optimised } from '../../../core/lab/optimise-job';
import type { Result } from '../../../core/lab/trial-result';
import type { Aim } from '../../../core/tuning/optimise';
import { signed } from '../../components/words';

/** Why what is set now is set: what was found, or what was there before. Empty where there was nothing to choose. */
export function verdictOf({ row, onCalibration, before }: Optimised, aim: Aim): string {
  if (!row.result || !onCalibration || !before) return '';
  if (before.isBetter) return 'What is set stays: nothing better was found for this aim on the calibration split.';
  const taken = row.isAimReached === false ? 'Nothing keeps to the aim; what comes nearest was taken.' : '';
  return [taken, reasonOf(row.result, onCalibration, before, aim)].filter((part) => part !== '').join(' ');
}

/** What was found may do worse on the rows that are reported on: then it is said why it was taken all the same. */
function reasonOf(after: Result, onCalibration: OnCalibration, before: Before, aim: Aim): string {
  const saves = after.costCutPercent - before.result.costCutPercent;
  const loses = after.lossPoints - before.result.lossPoints;
  const change = `Here it saves ${moreOrLess(saves, '%')} and loses ${moreOrLess(loses, 'points')}.`;
  if (before.isAimReached) return change;
  return aim.kind === 'allowedLoss'
    ? `${change} What was set before is expected to lose ${signed(before.onCalibration.expectedLossPoints, 2)} points on the calibration split, more than the ${aim.points} allowed; this, ${signed(onCalibration.expectedLossPoints, 2)}.`
    : `${change} What was set before saves ${signed(before.onCalibration.costCutPercent, 1)} % on the calibration split, less than the ${aim.costCutPercent} % wanted; this, ${signed(onCalibration.costCutPercent, 1)} %.`;
}

function moreOrLess(difference: number, unit: string): string {
  const text = signed(Math.abs(difference), 2);
  return Number(text) === 0 ? 'as much' : `${text} ${unit} ${difference > 0 ? 'more' : 'less'}`;
}
