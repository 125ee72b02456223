import { type PriceCell, priceSensitivity } from './sensitivity';
import type { LabSetting } from './setting';

export interface PriceJob {
  /** In points, on the calibration split. */
  readonly allowedPoints: number;
}

/** The best cut at an allowed loss by what a layer costs on the device: of one task, at the other prices of the setting. */
export interface PriceCurve {
  readonly cells: readonly PriceCell[];
  /** As `breakEvenOf` says. */
  readonly breakEven: number | undefined;
}

/** In layers on the cloud. Those of `compare --sensitivity` that lie between, and more. */
const MOBILE_LAYERS = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6];

/**
 * The numbers of `compare --sensitivity` where offloading costs what the setting says.
 * @returns undefined where the model brings no calibration split.
 * @throws DimeeError `BAD_INPUT` where it brings no fitted losses.
 */
export function pricesOf({ calibration, ...setting }: LabSetting, { allowedPoints }: PriceJob): PriceCurve | undefined {
  if (!calibration) return undefined;
  const prices = { mobileLayer: MOBILE_LAYERS, offloading: [1] };
  const cells = priceSensitivity([{ ...setting, calibration }], allowedPoints, prices);
  return { cells, breakEven: breakEvenOf(cells) };
}

/**
 * The price of a device's layer from which on a static cut saves more than the cascade, for good: on the line between the
 * two cells about it. Undefined where the dearest cell is no such price, or the cheapest one is. `cells` by rising price.
 */
export function breakEvenOf(cells: readonly PriceCell[]): number | undefined {
  const leadOf = (cell: PriceCell) => cell.costCutPercent - cell.staticCutPercent;
  const place = cells.findLastIndex((cell) => leadOf(cell) >= 0);
  const [before, after] = [cells[place], cells[place + 1]];
  if (!before || !after) return undefined;
  const share = leadOf(before) / (leadOf(before) - leadOf(after));
  return before.mobileLayer + share * (after.mobileLayer - before.mobileLayer);
}
