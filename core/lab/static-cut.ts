import type { CostWeights } from '../cost';
import { at } from '../numbers/at';
import type { CalibratedTrace } from '../trace/calibrated-trace';

/**
 * How often each row is right under a static cut of a mean cost: every row leaves at one layer of the mobile tier, or a
 * share at each of the two layers around, so that the mean is the one asked for. Nothing crosses: the plan that suits a
 * static cut ends the mobile tier there. This is what adaptivity has to beat. 0 to 1, `[rows]`. Below the cost of one
 * layer it is the first, beyond that of all the last.
 */
export function rightUnderStaticCut(
  { trace: { rows, layers, gold }, labels }: CalibratedTrace,
  meanCost: number,
  { mobileLayer }: Pick<CostWeights, 'mobileLayer'>,
): Float64Array {
  const depth = mobileLayer > 0 ? Math.min(Math.max(meanCost / mobileLayer, 1), layers) : layers;
  const below = Math.min(Math.floor(depth), layers - 1);
  const share = depth - below;
  const isRight = (row: number, layer: number) => Number(at(labels, row * layers + layer - 1) === at(gold, row));
  return Float64Array.from({ length: rows }, (_, row) =>
    layers === 1 ? isRight(row, 1) : (1 - share) * isRight(row, below) + share * isRight(row, below + 1),
  );
}

/** By row, in points: what answers are right more often than under a static cut of their mean cost. `lossPoints`: of these answers. */
export function gainsOverStaticCut(
  calibrated: CalibratedTrace,
  lossPoints: Float64Array,
  meanCost: number,
  costs: Pick<CostWeights, 'mobileLayer'>,
): Float64Array {
  const { rows, layers, gold } = calibrated.trace;
  const cut = rightUnderStaticCut(calibrated, meanCost, costs);
  return Float64Array.from({ length: rows }, (_, row) => {
    const isLastRight = Number(at(calibrated.labels, (row + 1) * layers - 1) === at(gold, row));
    return 100 * (isLastRight - at(cut, row)) - at(lossPoints, row);
  });
}
