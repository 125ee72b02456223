import { DimeeError } from '../errors';
import { seedOfTexts } from '../numbers/lots';
import type { Task } from '../model/manifest';
import type { CalibrationExits, Fitted } from './fitted';
import type { Policy, PolicyNeed } from './policy';
import type { PolicyData } from './policy-data';
import type { Disagreements } from './disagreements';

const NO_CALIBRATION = 'a recorded calibration split, which this model does not bring for this task';
const IN_WORDS: Readonly<Record<PolicyNeed, string>> = {
  policyData: 'numbers fitted on the calibration split, which this model does not bring for this task',
  disagreements: NO_CALIBRATION,
  calibration: NO_CALIBRATION,
  saturation: 'hidden states from layer to layer, which were not recorded here',
  poolDistances: 'distances to its pools, which were not recorded here',
  dynamicsDistances: 'distances to its pools, which were not recorded here',
  rowSeed: 'a seed for each sample, which this one does not have',
  gold: 'the right labels, which are not known here',
};

export type Available = Readonly<Record<PolicyNeed, boolean>>;

/** What the policy lacks, as a sentence for people; undefined where it lacks nothing. */
export function whatIsMissing({ name, needs }: Policy, available: Available): string | undefined {
  const missing = firstMissing(needs, available);
  return missing && `“${name}” needs ${missing}. Choose another policy.`;
}

/** The first need that is not met, in words to stand after “needs”; undefined where there is none. */
export function firstMissing(needs: readonly PolicyNeed[], available: Available): string | undefined {
  const missing = needs.find((need) => !available[need]);
  return missing && IN_WORDS[missing];
}

/** @throws DimeeError `BAD_INPUT` that says what the policy lacks. */
export function checkNeeds(policy: Policy, available: Available): void {
  const problem = whatIsMissing(policy, available);
  if (problem !== undefined) throw new DimeeError('BAD_INPUT', problem);
}

/** What was fitted in advance, or the files that hold it. */
interface Brought {
  readonly data?: unknown;
  readonly disagreements?: unknown;
  readonly calibration?: unknown;
  /** Known once the numbers have been read: not every model has both kinds. */
  readonly pools?: PolicyData['pools'] | undefined;
}

/** What is made of the recorded calibration split. */
const FROM_CALIBRATION = ['disagreements', 'calibration'] as const;

/** The needs of all policies together that were fitted in advance. */
export const ALL_FITTED: Pick<Policy, 'needs'> = { needs: ['policyData', ...FROM_CALIBRATION] };

/** Where a tier gets what policies were fitted to. */
export interface FittedSource {
  /** What the policy needs for a task, as far as the model brings it. */
  fittedFor(policy: Pick<Policy, 'needs'>, task: string): Promise<Fitted>;
}

/** The files of a model that hold it for a task. */
export function filesOf({ policyData, traces }: Task) {
  return { data: policyData, disagreements: traces.calibration, calibration: traces.calibration };
}

/** Whether the policy was fitted to something that files of the model hold. */
export function needsFiles({ needs }: Pick<Policy, 'needs'>): boolean {
  return needs.includes('policyData') || FROM_CALIBRATION.some((need) => needs.includes(need));
}

/** Whether all of that is there. */
export function isFitted({ needs }: Pick<Policy, 'needs'>, fitted: Fitted): boolean {
  const isLacking = !fitted.data && needs.includes('policyData');
  return !isLacking && FROM_CALIBRATION.every((need) => fitted[need] || !needs.includes(need));
}

/** What there is for a sample on its way. */
export function availableLive(brought: Brought, rowSeed: number | undefined): Available {
  const { data, pools } = brought;
  const canMeasure = (kind: keyof PolicyData['pools']) => data !== undefined && (!pools || pools[kind] !== undefined);
  return {
    ...availableOf(brought),
    ...{ saturation: true, poolDistances: canMeasure('dimee'), dynamicsDistances: canMeasure('dimecDc') },
    ...{ rowSeed: rowSeed !== undefined, gold: false },
  };
}

/** What there is for the rows of a recorded trace. */
export function availableRecorded(brought: Brought, trace: RecordedColumns): Available {
  return {
    ...availableOf(brought),
    saturation: trace.saturation !== undefined,
    poolDistances: trace.poolDistances !== undefined,
    dynamicsDistances: trace.dynamicsDistances !== undefined,
    ...{ rowSeed: true, gold: trace.isLabelled },
  };
}

/** What of a trace's columns there is. */
interface RecordedColumns {
  readonly saturation?: unknown;
  readonly poolDistances?: unknown;
  readonly dynamicsDistances?: unknown;
  readonly isLabelled: boolean;
}

function availableOf({ data, disagreements, calibration }: Brought) {
  return {
    policyData: data !== undefined,
    disagreements: disagreements !== undefined,
    calibration: calibration !== undefined,
  };
}

/** What a policy with the need `policyData` relies on. */
export function policyDataOf({ data }: Fitted): PolicyData {
  if (data) return data;
  throw new Error('checkNeeds comes before a policy with the need “policyData” is asked.');
}

/** What a policy with the need `disagreements` relies on. */
export function disagreementsOf({ disagreements }: Fitted): Disagreements {
  if (disagreements) return disagreements;
  throw new Error('checkNeeds comes before a policy with the need “disagreements” is asked.');
}

/** What a policy with the need `calibration` relies on. */
export function calibrationOf({ calibration }: Fitted): CalibrationExits {
  if (calibration) return calibration;
  throw new Error('checkNeeds comes before a policy with the need “calibration” is asked.');
}

/** The seed that a policy needs of a sample, if it needs one. */
export function rowSeedFor({ needs }: Pick<Policy, 'needs'>, texts: readonly string[]): number | undefined {
  return needs.includes('rowSeed') ? seedOfTexts(texts) : undefined;
}
