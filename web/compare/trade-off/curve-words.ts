import type { Curve, CurvePoint } from '../../../core/lab/frontier';
import { parametersInWords } from '../../../core/lab/trial-words';
import { policyById } from '../../../core/policies';
import { rangeInWords, signed } from '../../components/words';

/** Points of accuracy that most people would give for speed. */
const FREELY_GIVEN = 1;

/** What a point is, line by line; `measure` is “accuracy”, or what stands in for it where there are no right labels. */
export function pointWords(policy: string, point: CurvePoint, measure: string): readonly string[] {
  const { accuracy, lossPoints, lossInterval, costCutPercent, costCutInterval, meanLayers, parameters } = point;
  const words = parametersInWords(policyById(policy), parameters);
  return [
    `compute saved ${signed(costCutPercent, 1)} % (${rangeInWords(costCutInterval, 1)})`,
    `${measure} ${signed(100 * accuracy, 1)} %`,
    `${signed(lossPoints, 1)} points lost (${rangeInWords(lossInterval, 1)})`,
    `${signed(meanLayers, 1)} layers run on average`,
    // A tooltip must fit a phone.
    ...(words ? words.split(', ') : []),
  ];
}

/** One sentence on a curve, for those who do not see it. */
export function curveInWords({ policy, points, accuracyAtLastExit }: Curve, measure: string): string {
  const { name } = policyById(policy);
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return '';
  const ends = points.length === 1 ? place(first, measure) : `from ${place(first, measure)} to ${place(last, measure)}`;
  const best = points.findLast(({ lossPoints }) => lossPoints <= FREELY_GIVEN);
  const within = `at most ${FREELY_GIVEN} point below all layers (${signed(100 * accuracyAtLastExit, 1)} %)`;
  const sparing = best ? `${within} up to ${signed(best.costCutPercent, 1)} % of compute saved` : `never ${within}`;
  return `${name}: ${ends}; ${sparing}.`;
}

function place({ costCutPercent, accuracy }: CurvePoint, measure: string): string {
  return `${signed(costCutPercent, 1)} % saved at ${signed(100 * accuracy, 1)} % ${measure}`;
}
