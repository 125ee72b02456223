import type { CostWeights } from '../cost';
import { at } from '../numbers/at';
import type { CalibratedTrace } from '../trace/calibrated-trace';

/** What it costs that every row leaves at a layer: on the tier where that is cheapest, to which its text goes whole. */
export function staticCost(layer: number, costs: CostWeights): number {
  return Math.min(...placesOf(costs).map(({ perLayer, crossing }) => crossing + layer * perLayer));
}

/**
 * How often each row is right under a static cut of a mean cost: every row leaves at one layer, or a share at each of the
 * two around, so that the mean is the one asked for, under the plan that suits a static cut: all layers on the tier that
 * runs the most of them at that cost, at the default prices the device. This is what adaptivity has to beat. 0 to 1,
 * `[rows]`. Below the cost of one layer it is the first, beyond that of all the last.
 */
export function rightUnderStaticCut(
  { trace: { rows, layers, gold }, labels }: CalibratedTrace,
  meanCost: number,
  costs: CostWeights,
): Float64Array {
  const depths = placesOf(costs).map(({ perLayer, crossing }) =>
    meanCost < crossing ? 0 : perLayer > 0 ? (meanCost - crossing) / perLayer : layers,
  );
  const depth = Math.min(Math.max(...depths, 1), layers);
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
  costs: CostWeights,
): Float64Array {
  const { rows, layers, gold } = calibrated.trace;
  const cut = rightUnderStaticCut(calibrated, meanCost, costs);
  return Float64Array.from({ length: rows }, (_, row) => {
    const isLastRight = Number(at(calibrated.labels, (row + 1) * layers - 1) === at(gold, row));
    return 100 * (isLastRight - at(cut, row)) - at(lossPoints, row);
  });
}

function placesOf(costs: CostWeights): { readonly perLayer: number; readonly crossing: number }[] {
  return [
    { perLayer: costs.mobileLayer, crossing: 0 },
    { perLayer: costs.edgeLayer, crossing: costs.mobileToEdge },
    { perLayer: costs.cloudLayer, crossing: costs.mobileToCloud },
  ];
}
