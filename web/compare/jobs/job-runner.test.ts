import { describe, expect, it } from 'vitest';
import { hasCode, isAbort } from '../../../core/errors';
import type { LabTraces } from '../../../core/lab/setting';
import { DEFAULT_COSTS } from '../../../core/cost';
import { calibrateTrace } from '../../../core/trace/calibrated-trace';
import { fakeCalibration } from '../../../core/testing/fake-policy-files';
import { JobRunner, type JobWorker } from './job-runner';
import type { LabAnswer, LabRequest } from './messages';

/** A worker that answers when the test says so. */
class FakeWorker implements JobWorker {
  readonly requests: LabRequest[] = [];
  isTerminated = false;
  onmessage: JobWorker['onmessage'] = null;
  onerror: JobWorker['onerror'] = null;

  postMessage(request: LabRequest): void {
    this.requests.push(request);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  answer(data: LabAnswer): void {
    this.onmessage?.call(this as unknown as Worker, new MessageEvent('message', { data }));
  }
}

function runnerWithWorkers() {
  const workers: FakeWorker[] = [];
  const makeWorker = () => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  };
  return { runner: new JobRunner('reliability', makeWorker), workers };
}

const rows = calibrateTrace(fakeCalibration(2), new Array<number>(12).fill(1));
const traces: LabTraces = { evaluation: rows, fitted: {} };
const request = {
  job: {},
  setting: { layers: 12, hidden: 384, plan: { mobileLayers: 4, edgeLayers: 8 }, costs: DEFAULT_COSTS },
};

describe('the runner of a kind of job', () => {
  it('makes its worker at the first job, and brings it the traces once', async () => {
    const { runner, workers } = runnerWithWorkers();
    expect(workers).toHaveLength(0);
    for (let time = 0; time < 2; time++) {
      const answer = runner.run(request, traces);
      workers[0]?.answer({ answer: [] });
      expect(await answer).toEqual([]);
    }
    const other = runner.run(request, { ...traces });
    workers[0]?.answer({ answer: [] });
    await other;
    expect(workers).toHaveLength(1);
    expect(workers[0]?.requests.map((sent) => sent.traces !== undefined)).toEqual([true, false, true]);
    expect(workers[0]?.requests[0]).toMatchObject({ kind: 'reliability', ...request });
  });

  it('ends an older job, worker and all, when a newer one comes', async () => {
    const { runner, workers } = runnerWithWorkers();
    const older = runner.run(request, traces);
    const newer = runner.run(request, traces);
    await expect(older).rejects.toSatisfy(isAbort);
    expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([true, false]);
    expect(workers[1]?.requests[0]?.traces).toBe(traces);
    workers[1]?.answer({ answer: [] });
    expect(await newer).toEqual([]);
  });

  it('ends a job that nobody waits for, and starts none for a signal that has fired', async () => {
    const { runner, workers } = runnerWithWorkers();
    const controller = new AbortController();
    const job = runner.run(request, traces, controller.signal);
    controller.abort();
    await expect(job).rejects.toSatisfy(isAbort);
    await expect(runner.run(request, traces, controller.signal)).rejects.toSatisfy(isAbort);
    expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([true]);
  });

  it('leaves its worker alone when a signal fires after the answer', async () => {
    const { runner, workers } = runnerWithWorkers();
    const controller = new AbortController();
    const job = runner.run(request, traces, controller.signal);
    workers[0]?.answer({ answer: [] });
    await job;
    controller.abort();
    expect(workers[0]?.isTerminated).toBe(false);
  });

  it('rejects with the error of the worker, rebuilt by its code', async () => {
    const { runner, workers } = runnerWithWorkers();
    const job = runner.run(request, traces);
    workers[0]?.answer({ error: { code: 'BAD_INPUT', message: 'No.', retryable: false } });
    await expect(job).rejects.toSatisfy((error) => hasCode(error, 'BAD_INPUT'));
  });

  it('says so where the worker breaks, and makes another for the next job', async () => {
    const { runner, workers } = runnerWithWorkers();
    const job = runner.run(request, traces);
    const [worker] = workers;
    worker?.onerror?.call(worker as unknown as Worker, { message: 'out of memory' } as ErrorEvent);
    await expect(job).rejects.toThrow('out of memory');
    const next = runner.run(request, traces);
    workers[1]?.answer({ answer: [] });
    expect(await next).toEqual([]);
  });
});
