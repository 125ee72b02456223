import Papa from 'papaparse';
import { DimeeError } from '../core/errors';
import { type ComparisonOptions, settingOf } from '../core/lab/comparison';
import {
  type PriceCell,
  priceSensitivity,
  type RunTimes,
  type SensitivitySetting,
  type TimeCell,
  timeSensitivity,
} from '../core/lab/sensitivity';
import { DEFAULT_ALLOWED_LOSS } from '../core/lab/trial-job';
import { DEFAULT_EDGE_TO_CLOUD_MS, DEFAULT_LAYER_TIMES, stateBytesPerToken } from '../core/network/equipment';
import { LINKS } from '../core/network/profiles';
import { fixed } from '../core/numbers/fixed';

/** Prices of a device's layer, in layers on the cloud, and what offloading costs are multiplied by. */
export const PRICES = { mobileLayer: [0.5, 1, 2, 3, 4, 6, 8], offloading: [0, 0.5, 1, 2, 4] };

/** Uplinks, and milliseconds of a layer of 32 tokens on the device: from a laptop to a slow phone. */
export const TIMES = { upMbps: [0.8, 3, 12, 50], mobileLayerMs: [1, 2.5, 5, 10, 20] };
/** The link that they are tried on, but for its uplink. */
export const LINK = LINKS['4g'];

export interface Sensitivity {
  readonly allowedLossPoints: number;
  readonly prices: readonly PriceCell[];
  readonly times: readonly TimeCell[];
}

/**
 * Both grids over these tasks.
 * @throws DimeeError `BAD_INPUT` for a task without recorded calibration and dev splits, or a model without fitted losses.
 */
export async function sensitivityOf(
  tasks: readonly string[],
  options: Pick<ComparisonOptions, 'manifest' | 'read' | 'plan' | 'costs' | 'aim'>,
): Promise<Sensitivity> {
  const { manifest, aim } = options;
  const allowed = aim.kind === 'allowedLoss' ? aim.points : DEFAULT_ALLOWED_LOSS;
  const settings: SensitivitySetting[] = [];
  for (const task of tasks) {
    const { evaluation, calibration, ...rest } = await settingOf(task, options);
    if (!evaluation || !calibration) {
      throw new DimeeError('BAD_INPUT', `The model brings no recorded calibration and dev splits of “${task}”.`);
    }
    settings.push({ ...rest, evaluation, calibration });
  }
  const equipment = {
    ...{ layerMs: DEFAULT_LAYER_TIMES, edgeToCloudMs: DEFAULT_EDGE_TO_CLOUD_MS },
    stateBytesPerToken: stateBytesPerToken(manifest, 'int8'),
  };
  return {
    allowedLossPoints: allowed,
    prices: priceSensitivity(settings, allowed, PRICES),
    times: timeSensitivity(settings, allowed, { equipment, link: LINK, ...TIMES }),
  };
}

/** All grids as tables for people. */
export function sensitivityMarkdown({ allowedLossPoints, prices, times }: Sensitivity): string {
  const { roundTripMs, jitterMs } = LINK;
  const byPrice = (cellOf: (cell: PriceCell) => string) =>
    gridOf(
      prices,
      ({ mobileLayer }) => `λm ${mobileLayer}`,
      ({ offloading }) => `o × ${offloading}`,
      cellOf,
    );
  const byTime = (valueOf: (times: RunTimes) => number) =>
    gridOf(
      times,
      ({ upMbps }) => `${upMbps} Mbit/s`,
      ({ mobileLayerMs }) => `${mobileLayerMs} ms`,
      ({ cascade, allCloud }) => `${fixed(valueOf(cascade), 0)} (${fixed(valueOf(allCloud), 0)})`,
    );
  return `${[
    `Best cost cut in percent at ${allowedLossPoints} points of expected loss, and that of a static cut behind it. ` +
      'Rows: what a layer costs on the device, in layers on the cloud. Columns: offloading costs, times so much. Plans and ' +
      'limits of “Expected loss” are chosen on calibration at every price; numbers are means over tasks on the dev split.',
    byPrice((cell) => `${fixed(cell.costCutPercent, 1)} (${fixed(cell.staticCutPercent, 1)})`),
    'Points of accuracy that these lose to the last exit:',
    byPrice((cell) => `${fixed(cell.lossPoints, 2)} (${fixed(cell.staticLossPoints, 2)})`),
    'Modelled at the points chosen for the given prices: hidden states as int8, 4G’s radio, ' +
      `${roundTripMs} ± ${jitterMs} ms of round trip. Rows: the uplink. Columns: a layer of 32 tokens on the device. ` +
      'Behind each number that of the text sent to the cloud. Mean milliseconds of a sentence:',
    byTime(({ meanMs }) => meanMs),
    'The 95th percentile:',
    byTime(({ p95Ms }) => p95Ms),
    'Millijoules of the device’s battery, the radio’s tail of who crosses alone included:',
    byTime(({ millijoules }) => millijoules),
  ].join('\n\n')}\n`;
}

/** The same as one JSON object, unrounded. */
export function sensitivityJson(sensitivity: Sensitivity): string {
  return `${JSON.stringify({ ...sensitivity, link: LINK }, null, 2)}\n`;
}

/** The same as lines: the axes of each cell, then its numbers. */
export function sensitivityCsv({ prices, times }: Sensitivity): string {
  const flat = times.map(({ cascade, allCloud, ...axes }) => ({
    ...axes,
    ...{ meanMs: cascade.meanMs, p95Ms: cascade.p95Ms, millijoules: cascade.millijoules },
    ...{ allCloudMeanMs: allCloud.meanMs, allCloudP95Ms: allCloud.p95Ms, allCloudMillijoules: allCloud.millijoules },
  }));
  return [prices, flat].map((cells) => `${Papa.unparse([...cells], { newline: '\n' })}\n`).join('\n');
}

/** A line for each row's name, a column for each column's, in the order in which cells bring them. */
function gridOf<Cell>(
  cells: readonly Cell[],
  rowOf: (cell: Cell) => string,
  columnOf: (cell: Cell) => string,
  textOf: (cell: Cell) => string,
): string {
  const [rows, columns] = [rowOf, columnOf].map((nameOf) => [...new Set(cells.map(nameOf))]);
  const texts = new Map(cells.map((cell) => [`${rowOf(cell)}\n${columnOf(cell)}`, textOf(cell)]));
  const lines = rows?.map((row) => [row, ...(columns?.map((column) => texts.get(`${row}\n${column}`) ?? '–') ?? [])]);
  const table = [['', ...(columns ?? [])], ['---', ...(columns?.map(() => '---') ?? [])], ...(lines ?? [])];
  return table.map((line) => `| ${line.join(' | ')} |`).join('\n');
}
