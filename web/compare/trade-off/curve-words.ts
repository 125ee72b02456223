import type { Curve, CurvePoint } from '../../../core/lab/frontier';
import { parametersInWords, type WriteParameter } from '../../../core/lab/trial-words';
import { policyById } from '../../../core/policies';
import { rangeInWords, signed } from '../../components/words';
import type { CompareWords } from '../compare-words';

/** Points of accuracy that most people would give for speed. */
const FREELY_GIVEN = 1;

/** What curves are told with. */
export interface CurveWords extends Pick<CompareWords['tradeOff'], 'point' | 'curve' | 'marks'> {
  /** “accuracy”, or what stands in for it where there are no right labels. */
  readonly measure: string;
  readonly inWords: WriteParameter;
}

/** What a point is, line by line. */
export function pointWords(policy: string, point: CurvePoint, { measure, inWords, ...told }: CurveWords): string[] {
  const { accuracy, lossPoints, lossInterval, costCutPercent, costCutInterval, meanLayers, parameters } = point;
  const words = parametersInWords(policyById(policy), parameters, inWords);
  return [
    told.point.saved(signed(costCutPercent, 1), rangeInWords(costCutInterval, 1)),
    told.point.right(measure, signed(100 * accuracy, 1)),
    told.point.lost(signed(lossPoints, 1), rangeInWords(lossInterval, 1)),
    told.point.layers(signed(meanLayers, 1)),
    // A tooltip must fit a phone.
    ...(words ? words.split(', ') : []),
  ];
}

/** One sentence on a curve, for those who do not see it. */
export function curveInWords({ policy, points, accuracyAtLastExit }: Curve, told: CurveWords): string {
  const { name } = policyById(policy);
  const { curve } = told;
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return '';
  const ends = points.length === 1 ? place(first, told) : curve.ends(place(first, told), place(last, told));
  const best = points.findLast(({ lossPoints }) => lossPoints <= FREELY_GIVEN);
  const within = curve.within(FREELY_GIVEN, signed(100 * accuracyAtLastExit, 1));
  const sparing = best ? curve.sparing(within, signed(best.costCutPercent, 1)) : curve.never(within);
  return `${name}: ${ends}; ${sparing}.`;
}

function place({ costCutPercent, accuracy }: CurvePoint, { curve, measure }: CurveWords): string {
  return curve.place(signed(costCutPercent, 1), signed(100 * accuracy, 1), measure);
}
