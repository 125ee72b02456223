import { type Machines, machinesFor, type SiteCapacity, siteCapacity } from '../capacity/capacity-plan';
import { REFERENCE_COSTS } from '../capacity/reference-costs';
import { DimeeError } from '../errors';
import { at } from '../numbers/at';
import { type PolicyChoice, resolvePolicy } from '../policies';
import { decisionIn } from '../policies/decision';
import { BATCH_BOUNDS } from '../scheduling/companions';
import { evaluate } from '../trace/evaluate';
import type { LabSetting } from './setting';

/** Cores of each machine: what was measured had as many. */
export const CORES = 2;

/** What machines are to bear. */
export interface MachinesJob {
  readonly choice: PolicyChoice;
  readonly users: number;
  /** Sentences a second, of each user. */
  readonly ratePerUser: number;
  readonly p95Ms: number;
  /** The cloud's layers run on machines of their own. */
  readonly isApart: boolean;
}

export interface PlannedMachines {
  readonly capacity: SiteCapacity;
  /** For the users asked for, and for ten and a hundred times as many. */
  readonly machines: readonly Machines[];
}

/**
 * How many machines the users need, with the rows that are reported on: as `npm run plan` has it for all tasks.
 * @throws DimeeError `BAD_INPUT` where no machine would be quick enough, or no row crosses.
 */
export function planMachines(setting: LabSetting, job: MachinesJob): PlannedMachines {
  const { evaluation, plan, layers, costs } = setting;
  const { policy, parameters } = resolvePolicy(job.choice, layers);
  const { exitLayers } = evaluate(evaluation, decisionIn(setting, policy, parameters), costs);
  const rows = Array.from(exitLayers, (exitLayer, row) => ({ exitLayer, tokens: at(evaluation.trace.tokens, row) }));
  const site = { workers: CORES, costs: REFERENCE_COSTS, plan, bounds: BATCH_BOUNDS };
  const { ratePerUser, p95Ms } = job;
  try {
    const capacity = siteCapacity(site, job.isApart, { ratePerUser, p95Ms, rows });
    return { capacity, machines: [1, 10, 100].map((times) => machinesFor(times * job.users, capacity)) };
  } catch (cause) {
    throw cause instanceof RangeError ? new DimeeError('BAD_INPUT', cause.message, { cause }) : cause;
  }
}
