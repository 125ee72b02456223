import type { ErrorData } from '../../../core/errors';
import type { LabSetting, LabTraces } from '../../../core/lab/setting';
import type { JobKind, LabJobs } from './jobs';

/** From the page to a worker of the Lab: one job, and the traces where they are others than the last time. */
export interface LabRequest<Kind extends JobKind = JobKind> {
  readonly kind: Kind;
  readonly job: LabJobs[Kind]['job'];
  readonly setting: Omit<LabSetting, keyof LabTraces>;
  readonly traces: LabTraces | undefined;
}

/** From the worker to the page: what became of the job. */
export type LabAnswer<Kind extends JobKind = JobKind> =
  { readonly answer: LabJobs[Kind]['answer'] } | { readonly error: ErrorData };
