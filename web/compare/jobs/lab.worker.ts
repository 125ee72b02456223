import { errorData } from '../../../core/errors';
import type { LabTraces } from '../../../core/lab/setting';
import { type JobKind, JOBS } from './jobs';
import type { LabAnswer, LabRequest } from './messages';

/** Of the last request that brought any. */
let traces: LabTraces | undefined;

function answerTo<Kind extends JobKind>(request: LabRequest<Kind>): LabAnswer<Kind> {
  const { kind, job, setting } = request;
  traces = request.traces ?? traces;
  try {
    if (!traces) throw new Error('The first request must bring traces.');
    return { answer: JOBS[kind]({ ...traces, ...setting }, job) };
  } catch (error) {
    return { error: errorData(error) };
  }
}

addEventListener('message', ({ data }: MessageEvent<LabRequest>) => postMessage(answerTo(data)));
