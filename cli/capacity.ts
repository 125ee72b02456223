import { readFile } from 'node:fs/promises';
import type { BoxCosts } from '../core/capacity/box-costs';
import { type Machines, machinesFor, siteCapacity, type SiteCapacity } from '../core/capacity/capacity-plan';
import { REAL_OVER_SIMULATED, REFERENCE_COSTS, REFERENCE_MACHINE } from '../core/capacity/reference-costs';
import { DimeeError, messageOf } from '../core/errors';
import { taskOf } from '../core/model/manifest';
import { calibratedParameters, policyById, resolveParameters } from '../core/policies';
import { BATCH_BOUNDS } from '../core/scheduling/companions';
import { drawRecordedRows } from '../core/trace/recorded-rows';
import { runCommand } from '../edge-server/command-line';
import { ModelFolder } from '../edge-server/model-folder';
import { type CapacityOptions, HELP, readCapacityOptions } from './capacity-options';
import { planFor } from './plan-options';

/** Rows that are drawn of the recorded dev splits. */
const ROWS = 5000;
const SEED = 3;
/** Of the table, beside those that were asked for. */
const USERS = [100, 1000, 10_000, 100_000, 1_000_000];

async function main(): Promise<void> {
  const options = readCapacityOptions(process.argv.slice(2));
  const model = await ModelFolder.open(options.model);
  const plan = planFor(options, model.manifest);
  const rows = await recordedRows(model, options, plan);
  const costs = options.costs === undefined ? REFERENCE_COSTS : await readCosts(options.costs);
  const site = { workers: options.cores, costs, plan, bounds: BATCH_BOUNDS };
  const demand = { ratePerUser: options.rate, p95Ms: options.p95, rows };
  const capacity = capacityOrError(() => siteCapacity(site, options.cloud === 'apart', demand));
  const all = [...new Set([options.users, ...USERS])].sort((a, b) => a - b);
  const machines = all.map((users) => machinesFor(users, capacity));
  const output = options.json ? jsonOf(capacity, machines, costs, options) : inWords(capacity, machines, options);
  process.stdout.write(`${output}\n`);
}

function recordedRows(
  model: ModelFolder,
  { policy: { id, parameters: given } }: CapacityOptions,
  plan: ReturnType<typeof planFor>,
) {
  const { manifest } = model;
  const policy = policyById(id);
  const policyOf = (task: string) => {
    const calibrated = calibratedParameters(policy, manifest.layers, taskOf(manifest, task).thresholds);
    return { id, parameters: resolveParameters(policy, manifest.layers, { ...calibrated, ...given }) };
  };
  return drawRecordedRows(model, ROWS, { tasks: Object.keys(manifest.tasks), policyOf, plan, seed: SEED });
}

/** @throws DimeeError `BAD_INPUT` for a file that holds no costs. */
async function readCosts(path: string): Promise<BoxCosts> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new DimeeError('BAD_INPUT', `${path} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const found: unknown = /"costs":(\{[^}]*\})/.exec(text)?.[1];
  const costs = (typeof found === 'string' ? JSON.parse(found) : {}) as Partial<Record<string, unknown>>;
  const numberOf = (name: keyof BoxCosts): number => {
    const value = costs[name];
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw new DimeeError(
      'BAD_INPUT',
      `${path} has no number “costs.${name}”. Make it by npm run -s bench -- capacity --json > ${path}`,
    );
  };
  return {
    perCallMs: numberOf('perCallMs'),
    perTokenMs: numberOf('perTokenMs'),
    perPairMs: numberOf('perPairMs'),
    variation: numberOf('variation'),
    aroundMs: numberOf('aroundMs'),
  };
}

function capacityOrError(find: () => SiteCapacity): SiteCapacity {
  try {
    return find();
  } catch (cause) {
    throw cause instanceof RangeError ? new DimeeError('BAD_INPUT', cause.message, { cause }) : cause;
  }
}

function jsonOf(
  capacity: SiteCapacity,
  machines: readonly Machines[],
  costs: BoxCosts,
  { price }: CapacityOptions,
): string {
  const priced = machines.map((row) =>
    price === undefined ? row : { ...row, pricePerHour: price * (row.edges + row.replicas) },
  );
  return JSON.stringify({ ...capacity, machines: priced, costs }, undefined, 2);
}

function inWords(capacity: SiteCapacity, machines: readonly Machines[], options: CapacityOptions): string {
  const { crossing, ratePerEdge, usersPerEdge, run } = capacity;
  const { cores, price, rate, p95, costs } = options;
  const head = ['users', 'edges', 'cloud', ...(price === undefined ? [] : ['price an hour'])];
  const lines = machines.map(({ users, edges, replicas }) => [
    ...[users, edges, replicas].map((count) => count.toLocaleString('en')),
    ...(price === undefined ? [] : [(price * (edges + replicas)).toLocaleString('en', { maximumFractionDigits: 2 })]),
  ]);
  const table = [head, ...lines].map((cells) => cells.map((cell) => cell.padStart(15)).join(''));
  return [
    `Of ${rate} sentences a second and user, ${(100 * crossing).toFixed(0)} % leave the device.`,
    `One edge with ${cores} cores answers ${ratePerEdge.toFixed(0)} of them a second with 95 % within ${p95} ms: ${Math.floor(usersPerEdge)} users.`,
    `There its cores are ${(100 * run.busiest).toFixed(0)} % busy; half of the samples take ${run.p50Ms.toFixed(0)} ms, 99 % at most ${run.p99Ms.toFixed(0)} ms.`,
    ...['', ...table, ''],
    `Simulated from ${costs ?? `what was measured on ${REFERENCE_MACHINE}; measure your own by npm run bench -- capacity`}.`,
    `It is too hopeful: of a real edge on two AVX2 cores, 95 % took ${REAL_OVER_SIMULATED.at40To60Percent} times as long at 40 to 60 % busy cores, and ${REAL_OVER_SIMULATED.at80Percent} times at 80 %.`,
    'Without the network, and without a machine to spare: add one at least.',
  ].join('\n');
}

runCommand(process.argv, HELP, main);
