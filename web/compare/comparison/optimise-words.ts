import type { Before, OnCalibration, Optimised } from '../../../core/lab/optimise-job';
import type { Result } from '../../../core/lab/trial-result';
import type { Aim } from '../../../core/tuning/optimise';
import { signed } from '../../components/words';
import type { CompareWords } from '../compare-words';

type OptimiseWords = CompareWords['optimise'];

/** Why what is set now is set: what was found, or what was there before. Empty where there was nothing to choose. */
export function verdictOf({ row, onCalibration, before }: Optimised, aim: Aim, words: OptimiseWords): string {
  if (!row.result || !onCalibration || !before) return '';
  if (before.isBetter) return words.stays;
  const taken = row.isAimReached === false ? words.nearest : '';
  return [taken, reasonOf({ after: row.result, onCalibration, before }, aim, words)]
    .filter((part) => part !== '')
    .join(' ');
}

interface Change {
  readonly after: Result;
  readonly onCalibration: OnCalibration;
  readonly before: Before;
}

/** What was found may do worse on the rows that are reported on: then it is said why it was taken all the same. */
function reasonOf({ after, onCalibration, before }: Change, aim: Aim, words: OptimiseWords): string {
  const saves = after.costCutPercent - before.result.costCutPercent;
  const loses = after.lossPoints - before.result.lossPoints;
  const change = words.change(moreOrLess(saves, 'percent', words), moreOrLess(loses, 'points', words));
  if (before.isAimReached) return change;
  const [was, now] = [before.onCalibration, onCalibration];
  return aim.kind === 'allowedLoss'
    ? `${change} ${words.wasLoss(signed(was.expectedLossPoints, 2), aim.points, signed(now.expectedLossPoints, 2))}`
    : `${change} ${words.wasCost(signed(was.costCutPercent, 1), aim.costCutPercent, signed(now.costCutPercent, 1))}`;
}

function moreOrLess(difference: number, unit: 'percent' | 'points', words: OptimiseWords): string {
  const text = signed(Math.abs(difference), 2);
  if (Number(text.replace(',', '.')) === 0) return words.asMuch;
  return difference > 0 ? words.more(text, unit) : words.less(text, unit);
}
