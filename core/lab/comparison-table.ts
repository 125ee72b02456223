import Papa from 'papaparse';
import { at } from '../numbers/at';
import { fixed } from '../numbers/fixed';
import type { CostWeights } from '../cost';
import { type Plan, TIERS, type TierName } from '../layers';
import type { Manifest } from '../model/manifest';
import type { PolicyParameters } from '../policies';
import type { Aim } from '../tuning/optimise';
import type { Comparison } from './comparison';
import { CONTENDERS } from './contenders';
import type { Result } from './trial-result';

/** What a comparison was made under. */
export interface ComparisonSettings {
  readonly plan: Plan;
  readonly costs: CostWeights;
  readonly aim: Aim;
  /** What was reported on, where that was not the model's dev split. */
  readonly source?: ReportedRows | undefined;
}

export interface ReportedRows {
  readonly name: string;
  /** Where not, what counts as right is what the last exit says, and accuracy is agreement with it. */
  readonly isLabelled: boolean;
}

/** The table as Markdown, with a sentence on how it came about. */
export function markdownOf(
  { means, tasks }: Comparison,
  settings: ComparisonSettings,
  { id, hash }: Pick<Manifest, 'id' | 'hash'>,
): string {
  const names = [...new Set(tasks.map(({ task }) => task))];
  const rows = [
    ...means.map(({ policy, tasks: measured, result }) => ({
      policy,
      cells: [
        measured.length === names.length ? 'mean' : `mean of ${measured.length} of ${names.length}`,
        nameOf(policy),
        ...resultCells(result),
        '',
      ],
    })),
    ...tasks.map(({ task, policy, result, parameters, isAimReached, missing }) => ({
      policy,
      cells: [
        task,
        nameOf(policy),
        ...resultCells(result),
        missing === null ? describeParameters(policy, parameters, isAimReached) : `needs ${missing}`,
      ],
    })),
  ];
  const header = headerOf(settings);
  const widths = widthsOf([header, ...rows.map(({ cells }) => cells)]);
  const [measures, policies] = partition(rows, ({ policy }) => isMeasure(policy));
  const tables = [policies, measures]
    .filter((part) => part.length > 0)
    .map((part) => tableOf([header, ...part.map(({ cells }) => cells)], widths));
  const parts = [`${describe(settings)} Model ${id}, ${hash.slice(0, 8)}.`, tables.join(BASELINES)];
  return `${[...parts, ...overRandomTiers({ means, tasks })].join('\n\n')}\n`;
}

/** What policies that choose a tier beforehand gain over one drawn at random, as a table; nothing where there are none. */
function overRandomTiers({ means, tasks }: Comparison): string[] {
  const rows = [...means.map((row) => ({ ...row, task: 'mean' })), ...tasks].flatMap(({ task, policy, result }) =>
    result?.overRandom ? [[task, nameOf(policy), gainCell(result.overRandom.points, result.overRandom.interval)]] : [],
  );
  if (rows.length === 0) return [];
  const table = [['task', 'policy', 'over a random tier, points (95 %)'], ...rows];
  return ['Against tiers drawn at random, as many rows to each:', tableOf(table, widthsOf(table))];
}

function gainCell(points: number, interval: readonly number[]): string {
  return `${fixed(points, 2)} ${range(interval, 2)}`;
}

function range(values: readonly number[], digits: number): string {
  return `(${values.map((value) => fixed(value, digits)).join(' to ')})`;
}

/** Between the table of policies and that of what they are measured by. */
const BASELINES = '\n\nBaselines, and the oracle, which needs the answers:\n\n';

/** Whether it is there to measure policies by, and not one to use. */
function isMeasure(policy: string): boolean {
  const role = CONTENDERS.find(({ id }) => id === policy)?.role;
  return role === 'baseline' || role === 'oracle';
}

function partition<Item>(items: readonly Item[], holds: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(holds), items.filter((item) => !holds(item))];
}

function headerOf({ source }: ComparisonSettings): string[] {
  return [
    ...['task', 'policy', source?.isLabelled === false ? 'agreement with the last exit %' : 'accuracy %'],
    ...[
      'loss, points (95 %)',
      'cost cut % (95 %)',
      'over a static cut, points (95 %)',
      'layers saved',
      'mobile / edge / cloud %',
      'parameters',
    ],
  ];
}

/** Of a policy, as the page writes it. */
function nameOf(policy: string): string {
  return CONTENDERS.find(({ id }) => id === policy)?.name ?? policy;
}

function describe({ plan, costs, aim, source }: ComparisonSettings): string {
  const sought =
    aim.kind === 'allowedLoss'
      ? `the cheapest expected to lose at most ${aim.points} points of accuracy to the last exit`
      : `those expected to lose least that cost at least ${aim.costCutPercent} % less than all cloud`;
  const { mobileLayers, edgeLayers } = plan;
  const layers = `λm ${costs.mobileLayer}, λe ${costs.edgeLayer}, λc ${costs.cloudLayer}`;
  const hops = `o(m→e) ${costs.mobileToEdge}, o(e→c) ${costs.edgeToCloud}, o(m→c) ${costs.mobileToCloud}`;
  return (
    `Parameters are ${sought} on the calibration split, each row’s loss as predicted from its confidence there; all ` +
    `numbers are counted on ${source ? `“${source.name}”` : 'the dev split'}. A static cut lets every row leave at one ` +
    `layer, or a share at each of two, on the tier where the same mean cost buys most layers. ` +
    `Mobile tier to layer ${mobileLayers}, edge to ${edgeLayers}; costs ${layers}, ${hops}.`
  );
}

function resultCells(result: Result | null): string[] {
  if (!result) return ['–', '–', '–', '–', '–', '–'];
  const { accuracy, lossPoints, lossInterval, costCutPercent, costCutInterval, layersSaved, shares } = result;
  const { gainPoints, gainInterval } = result;
  return [
    fixed(100 * accuracy, 2),
    `${fixed(lossPoints, 2)} ${range(lossInterval, 2)}`,
    `${fixed(costCutPercent, 1)} ${range(costCutInterval, 1)}`,
    gainCell(gainPoints, gainInterval),
    fixed(layersSaved, 2),
    TIERS.map((tier) => fixed(100 * shares[tier], 0)).join(' / '),
  ];
}

function describeParameters(policy: string, parameters: PolicyParameters, isAimReached: boolean | null): string {
  const shown = CONTENDERS.find(({ id }) => id === policy)?.parameters.filter((spec) => !spec.isHidden) ?? [];
  const values = shown.map(({ id }) => `${id} ${parameters[id]}`).join(', ');
  return isAimReached === false ? `${values} (the nearest there is)` : values;
}

function widthsOf([header = [], ...rows]: readonly (readonly string[])[]): number[] {
  return header.map((cell, column) => Math.max(cell.length, ...rows.map((row) => at(row, column).length)));
}

/** Cells padded to their columns, so that it reads well as text too. */
function tableOf([header = [], ...rows]: readonly (readonly string[])[], widths: readonly number[]): string {
  const lineOf = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(at(widths, column))).join(' | ')} |`;
  return [lineOf(header), lineOf(widths.map((width) => '-'.repeat(width))), ...rows.map(lineOf)].join('\n');
}

/** One JSON object: the settings, and all rows unrounded. */
export function jsonOf(
  comparison: Comparison,
  { plan, costs, aim, source }: ComparisonSettings,
  { id, hash }: Pick<Manifest, 'id' | 'hash'>,
): string {
  return `${JSON.stringify({ model: { id, hash }, plan, costs, aim, source, ...comparison }, null, 2)}\n`;
}

const CSV_COLUMNS = [
  ...['task', 'policy', 'accuracy', 'lossPoints', 'lossLow', 'lossHigh', 'costCutPercent', 'costCutLow', 'costCutHigh'],
  ...[
    'gainPoints',
    'gainLow',
    'gainHigh',
    'layersSaved',
    'mobileShare',
    'edgeShare',
    'cloudShare',
    'parameters',
    'isAimReached',
  ],
  ...['expectedLossPoints', 'missing'],
];

/** Beyond these the exponential functions of two JavaScript engines differ, and sums by their order. */
const CSV_DECIMALS = 10;

const inFull = (value: number) => String(Number(value.toFixed(CSV_DECIMALS)));

/** One line for each row, to ten decimals; the task of means is `mean`. */
export function csvOf({ means, tasks }: Comparison): string {
  const rows = [
    ...means.map(({ policy, result }) => ['mean', policy, ...resultValues(result), '', '', '', '']),
    ...tasks.map(({ task, policy, result, parameters, isAimReached, expectedLossPoints, missing }) => [
      ...[task, policy, ...resultValues(result)],
      result
        ? Object.entries(parameters)
            .map(([id, value]) => `${id}=${value}`)
            .join(' ')
        : '',
      String(isAimReached ?? ''),
      expectedLossPoints === null ? '' : inFull(expectedLossPoints),
      missing ?? '',
    ]),
  ];
  return `${Papa.unparse([CSV_COLUMNS, ...rows], { newline: '\n' })}\n`;
}

function resultValues(result: Result | null): string[] {
  if (!result) return new Array<string>(14).fill('');
  const { accuracy, lossPoints, lossInterval, costCutPercent, costCutInterval, layersSaved, shares } = result;
  const { gainPoints, gainInterval } = result;
  const byTier = TIERS.map((tier: TierName) => shares[tier]);
  return [
    ...[accuracy, lossPoints, ...lossInterval, costCutPercent, ...costCutInterval].map(inFull),
    ...[gainPoints, ...gainInterval, layersSaved, ...byTier].map(inFull),
  ];
}
