import { type CostWeights, DEFAULT_COSTS } from '../core/cost';
import { DimeeError } from '../core/errors';
import { CONTENDERS } from '../core/lab/contenders';
import { DEFAULT_ALLOWED_LOSS } from '../core/lab/trial-job';
import { ONLINE_POLICIES } from '../core/online';
import type { Aim } from '../core/tuning/optimise';
import {
  anyText,
  describeOptions,
  Expected,
  givenOrNot,
  helpSwitch,
  oneOf,
  type Option,
  type Options,
  optional,
  readOptions,
  type Values,
  wholeNumber,
} from '../edge-server/command-line';
import { DEFAULT_MODEL_FOLDER } from '../edge-server/configuration';
import { type AskedPlan, PLAN_OPTIONS } from './plan-options';

const OPTIONS = {
  model: {
    placeholder: 'FOLDER',
    fallback: DEFAULT_MODEL_FOLDER,
    help: 'Folder with the model’s manifest.json and its traces',
    read: anyText,
  },
  task: { placeholder: 'ID', help: 'One task of the model instead of all', read: optional(anyText) },
  policy: {
    placeholder: 'ID',
    help: 'One policy, such as confidence, instead of all',
    read: optional(oneOf(CONTENDERS.map(({ id }) => id))),
  },
  allowedLoss: {
    placeholder: 'POINTS',
    help: `Choose the cheapest parameters expected, by the calibration split, to lose at most so many points of accuracy to the last exit (default ${DEFAULT_ALLOWED_LOSS})`,
    read: optional(numberFrom(0, 100)),
  },
  equalCost: {
    placeholder: 'PERCENT',
    help: 'Choose the parameters expected to lose least that cut the calibration split’s cost by at least so much instead',
    read: optional(numberFrom(0, 100)),
  },
  ...PLAN_OPTIONS,
  ...costOption('mobileLayer', 'Cost of a layer on the mobile tier, as all costs in layers on the cloud'),
  ...costOption('edgeLayer', 'Cost of a layer on the edge tier'),
  ...costOption('cloudLayer', 'Cost of a layer on the cloud tier'),
  ...costOption('mobileToEdge', 'Cost of offloading a sample from the mobile tier to the edge'),
  ...costOption('edgeToCloud', 'Cost of offloading it from the edge to the cloud'),
  ...costOption('mobileToCloud', 'Cost of offloading it from the mobile tier straight to the cloud'),
  sensitivity: givenOrNot(
    'Print instead how the best cut changes with the prices of a device’s layer and of offloading, and times and energy with uplink and device',
  ),
  changing: givenOrNot(
    'Print instead how policies that learn fare on a stream that changes half-way: dev rows, then the same rows mistyped',
  ),
  delay: {
    placeholder: 'N',
    fallback: '0',
    help: 'With --changing: tell learners what a sentence has earned so many sentences later',
    read: wholeNumber(0, 1000),
  },
  format: {
    placeholder: 'NAME',
    fallback: 'markdown',
    help: 'How the table is written: markdown, csv or json',
    read: oneOf(['markdown', 'csv', 'json']),
  },
  help: helpSwitch,
} as const satisfies Options;

export interface CompareOptions extends Pick<
  Values<typeof OPTIONS>,
  'model' | 'task' | 'policy' | 'format' | 'sensitivity' | 'changing' | 'delay'
> {
  readonly plan: AskedPlan;
  readonly costs: CostWeights;
  readonly aim: Aim;
}

export const HELP = `Usage: npm run compare -- [options]

Replays every policy over the traces that a model brings, and prints one table. A policy’s parameters are chosen on the
calibration split alone, by losses predicted from how sure the answers there are: what a few hundred rows happen to
lose flatters the parameters that are chosen by it. Nothing is chosen on the dev split: the losses printed are counted
on it afterwards. Policies that learn on the way run through it knowing nothing, as the mean of three seeded orders; their
price of cost is chosen on the calibration split for the same aim. Intervals are 95 % of a bootstrap over dev rows. The same command prints the same bytes.

${describeOptions(OPTIONS)}
`;

/** @throws DimeeError `BAD_CONFIGURATION`, saying what was expected. */
export function readCompareOptions(argv: readonly string[]): CompareOptions {
  const { allowedLoss, equalCost, mobileLayers, edgeLayers, ...rest } = readOptions(OPTIONS, argv);
  const { model, task, policy, format, sensitivity, changing, delay } = rest;
  if (allowedLoss !== undefined && equalCost !== undefined) {
    throw new DimeeError(
      'BAD_CONFIGURATION',
      'Either --allowed-loss or --equal-cost may be given, not both. See --help.',
    );
  }
  if (sensitivity && (policy !== undefined || equalCost !== undefined)) {
    const problem =
      '--sensitivity goes by --allowed-loss, and by “Expected loss” alone: leave out --policy and --equal-cost.';
    throw new DimeeError('BAD_CONFIGURATION', `${problem} See --help.`);
  }
  if (changing && sensitivity) {
    throw new DimeeError('BAD_CONFIGURATION', 'Either --sensitivity or --changing may be given, not both. See --help.');
  }
  if (delay > 0 && !changing) {
    throw new DimeeError('BAD_CONFIGURATION', '--delay is for --changing alone. See --help.');
  }
  const isLearner = ONLINE_POLICIES.some(({ id }) => id === policy);
  if (changing && policy !== undefined && !isLearner) {
    const known = ONLINE_POLICIES.map(({ id }) => id).join(', ');
    throw new DimeeError('BAD_CONFIGURATION', `--changing is for policies that learn: ${known}; not “${policy}”.`);
  }
  return {
    ...{ model, task, policy, format, sensitivity, changing, delay, plan: { mobileLayers, edgeLayers } },
    costs: {
      mobileLayer: rest.costMobileLayer,
      edgeLayer: rest.costEdgeLayer,
      cloudLayer: rest.costCloudLayer,
      mobileToEdge: rest.costMobileToEdge,
      edgeToCloud: rest.costEdgeToCloud,
      mobileToCloud: rest.costMobileToCloud,
    },
    aim:
      equalCost === undefined
        ? { kind: 'allowedLoss', points: allowedLoss ?? DEFAULT_ALLOWED_LOSS }
        : { kind: 'equalCost', costCutPercent: equalCost },
  };
}

/** The option `cost…` of a weight. */
function costOption<const Weight extends keyof CostWeights>(weight: Weight, help: string) {
  const option: Option<number> = {
    placeholder: 'X',
    fallback: String(DEFAULT_COSTS[weight]),
    help,
    read: numberFrom(0, 1000),
  };
  const key = `cost${weight.charAt(0).toUpperCase()}${weight.slice(1)}` as `cost${Capitalize<Weight>}`;
  return { [key]: option } as Readonly<Record<`cost${Capitalize<Weight>}`, Option<number>>>;
}

function numberFrom(min: number, max: number): (text: string | undefined) => number {
  return (text = '') => {
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max) return value;
    throw new Expected(`a number from ${min} to ${max}`);
  };
}
