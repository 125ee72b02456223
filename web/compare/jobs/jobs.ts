import type { LabSetting } from '../../../core/lab/setting';
import { type Optimised, type OptimiseJob, optimisePolicy } from '../../../core/lab/optimise-job';
import { measuredFor, type TrialJob } from '../../../core/lab/trial-job';
import type { Measured } from '../../../core/lab/trial-result';
import {
  type Curve,
  type CurveJob,
  curveOf,
  type CurvePoint,
  type PointJob,
  pointOf,
} from '../../../core/lab/frontier';
import {
  type NetworkJob,
  type NetworkRow,
  networkRowsOf,
  type PlanJob,
  type PlannedNetwork,
  planNetwork,
} from '../../../core/lab/network';
import { type DriftJob, type Drifts, driftsOf } from '../../../core/lab/drift-job';
import { type MachinesJob, type PlannedMachines, planMachines } from '../../../core/lab/machines';
import { type PriceCurve, type PriceJob, pricesOf } from '../../../core/lab/price-job';
import { advanceOnline, type OnlineJob, type OnlineProgress } from '../../../core/lab/online';
import { comparePair, type PairedComparison, type PairJob } from '../../../core/lab/paired';
import { type ExitReliability, reliabilityOf } from '../../../core/lab/reliability';

/** What the Lab's worker can be asked, kind by kind. Jobs and answers cross as structured clones. */
export interface LabJobs {
  readonly frontier: { readonly job: CurveJob; readonly answer: Curve };
  readonly operatingPoint: { readonly job: PointJob; readonly answer: CurvePoint };
  readonly pair: { readonly job: PairJob; readonly answer: PairedComparison };
  readonly compare: { readonly job: TrialJob; readonly answer: Measured };
  readonly optimise: { readonly job: OptimiseJob; readonly answer: Optimised };
  readonly network: { readonly job: NetworkJob; readonly answer: readonly NetworkRow[] };
  readonly plan: { readonly job: PlanJob; readonly answer: PlannedNetwork };
  readonly online: { readonly job: OnlineJob; readonly answer: OnlineProgress };
  readonly machines: { readonly job: MachinesJob; readonly answer: PlannedMachines };
  readonly drift: { readonly job: DriftJob; readonly answer: Drifts | undefined };
  readonly prices: { readonly job: PriceJob; readonly answer: PriceCurve | undefined };
  readonly reliability: { readonly job: object; readonly answer: readonly ExitReliability[] };
}

export type JobKind = keyof LabJobs;

type Jobs = { readonly [Kind in JobKind]: (setting: LabSetting, job: LabJobs[Kind]['job']) => LabJobs[Kind]['answer'] };

export const JOBS: Jobs = {
  frontier: curveOf,
  operatingPoint: pointOf,
  pair: comparePair,
  compare: measuredFor,
  optimise: optimisePolicy,
  network: networkRowsOf,
  plan: planNetwork,
  online: advanceOnline,
  machines: planMachines,
  drift: driftsOf,
  prices: pricesOf,
  reliability: ({ evaluation }) => reliabilityOf(evaluation),
};
