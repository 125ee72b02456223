import { DimeeError } from '../errors';
import type { Plan } from '../layers';
import type { Equipment } from '../network/equipment';
import { type JointPlan, jointPlan, type PlanAim } from '../network/joint-plan';
import { modelRun, type NetworkRun } from '../network/network-run';
import { accessOf, type NetworkId, type NetworkLink } from '../network/profiles';
import { allCloudJourneys, traceJourneys } from '../network/trace-journeys';
import { type PolicyChoice, resolvePolicy } from '../policies';
import { spinn } from '../policies/spinn';
import type { Quality } from '../summary';
import { evaluate } from '../trace/evaluate';
import { decisionIn } from '../policies/decision';
import type { LabSetting } from './setting';

/** What times and bytes are modelled on. */
export interface ModelledOn {
  readonly equipment: Equipment;
  /** Of the network `custom`. */
  readonly custom: NetworkLink;
}

/** A policy over several networks. */
export interface NetworkJob extends ModelledOn {
  readonly policy: PolicyChoice;
  readonly networks: readonly NetworkId[];
}

/** What a policy is modelled to take over a network, and what sending every text to the cloud would. */
export interface NetworkRow {
  readonly network: NetworkId;
  readonly policy: NetworkRun;
  /** Undefined offline, where the cloud is out of reach. */
  readonly allCloud: NetworkRun | undefined;
}

/** @throws DimeeError `BAD_INPUT` where the policy needs what the trace or the model does not have. */
export function networkRowsOf(setting: LabSetting, job: NetworkJob): readonly NetworkRow[] {
  const { journeys } = travelled(setting, setting.plan, job.policy);
  const whole = allCloudJourneys(journeys, setting.plan, setting.layers);
  return job.networks.map((network) => {
    const access = accessOf(network, job.custom);
    const policy = modelRun(journeys, job.equipment, access);
    return { network, policy, allCloud: access && modelRun(whole, job.equipment, access) };
  });
}

/** A split and a threshold, wanted for a network. */
export interface PlanJob extends ModelledOn {
  readonly network: NetworkId;
  readonly aim: PlanAim;
}

/** A joint plan as the calibration split gave it, and what it does to the rows that are reported on. */
export interface PlannedNetwork {
  readonly joint: JointPlan;
  readonly quality: Quality;
  readonly run: NetworkRun;
  readonly costCutPercent: number;
}

/** @throws DimeeError `BAD_INPUT` where the model brings no calibration split for the task. */
export function planNetwork(setting: LabSetting, { network, custom, equipment, aim }: PlanJob): PlannedNetwork {
  if (!setting.calibration) {
    throw new DimeeError('BAD_INPUT', 'A plan needs a recorded calibration split, which this model does not bring.');
  }
  const access = accessOf(network, custom);
  const joint = jointPlan(setting.calibration, equipment, access, aim, setting.fitted);
  const choice = { id: spinn.id, parameters: { threshold: joint.threshold } };
  const { evaluation, journeys } = travelled(setting, joint.plan, choice);
  const { quality, summary } = evaluation;
  return { joint, quality, run: modelRun(journeys, equipment, access), costCutPercent: summary.costCutPercent };
}

/** How the rows that are reported on travel under a split and a policy. */
export function travelled(setting: LabSetting, plan: Plan, choice: PolicyChoice) {
  const { policy, parameters } = resolvePolicy(choice, setting.layers);
  const decision = decisionIn({ ...setting, plan }, policy, parameters);
  const evaluation = evaluate(setting.evaluation, decision, setting.costs);
  return { evaluation, journeys: traceJourneys(setting.evaluation, evaluation, decision) };
}
