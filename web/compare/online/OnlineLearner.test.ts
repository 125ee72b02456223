import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../../../core/cost';
import { DimeeError } from '../../../core/errors';
import { advanceOnline, type OnlineJob, type OnlineProgress } from '../../../core/lab/online';
import { onlinePolicyById } from '../../../core/online';
import { NOTHING_FITTED } from '../../../core/policies/fitted';
import { traceOf } from '../../../core/testing/online';
import type { Lab } from '../Lab.svelte';
import { OnlineLearner } from './OnlineLearner.svelte';

const evaluation = traceOf(
  Array.from({ length: 100 }, (_, row) => ({
    confidences: Array.from({ length: 12 }, (_, index) => 0.55 + ((row + index) % 12) / 30),
  })),
);
const plan = { mobileLayers: 4, edgeLayers: 8 };
const setting = { evaluation, fitted: NOTHING_FITTED, layers: 12, hidden: 384, plan, costs: DEFAULT_COSTS };

/** A Lab whose worker answers when it is told to. */
class FakeLab {
  readonly setting = setting;
  readonly jobs: OnlineJob[] = [];
  aborted = 0;
  #answer: (() => void) | undefined;

  compute = ((_kind: 'online', job: OnlineJob, signal?: AbortSignal) =>
    new Promise<OnlineProgress>((resolve, reject) => {
      this.jobs.push(job);
      signal?.addEventListener('abort', () => {
        if (this.jobs.at(-1) === job) this.aborted++;
        reject(signal.reason);
      });
      this.#answer = () => {
        try {
          resolve(advanceOnline(setting, job));
        } catch (error) {
          reject(error);
        }
      };
    })) as Lab['compute'];

  /** Answers the job in hand, and lets everything happen that follows from it. */
  async answer(): Promise<void> {
    this.#answer?.();
    await new Promise((resolve) => setTimeout(resolve));
  }
}

function started() {
  const lab = new FakeLab();
  const settings = {
    online: { policy: onlinePolicyById('splitee'), parameters: {}, seed: 1, passes: 1, isChanging: false, delay: 0 },
  };
  const learner = new OnlineLearner(
    lab,
    settings,
    () => 0,
    () => Promise.resolve(),
  );
  learner.setSpeed(3);
  return { lab, settings, learner };
}

describe('an online learner', () => {
  test('goes on slice by slice to the end of the stream', async () => {
    const { lab, learner } = started();
    const done = learner.start();
    expect(learner.isRunning).toBe(true);
    while (!learner.isAtEnd) await lab.answer();
    await done;
    expect(lab.jobs.map(({ steps }) => steps)).toEqual([16, 48, 112]);
    expect([learner.isRunning, learner.progress?.steps]).toEqual([false, 100]);
  });

  test('pauses after the slice in hand and goes on from there', async () => {
    const { lab, learner } = started();
    void learner.start();
    learner.pause();
    expect(learner.isRunning).toBe(false);
    await lab.answer();
    expect([learner.progress?.steps, lab.jobs.length, lab.aborted]).toEqual([16, 1, 0]);
    void learner.start();
    await lab.answer();
    expect(learner.progress?.steps).toBe(32);
  });

  test('makes one step', async () => {
    const { lab, learner } = started();
    const done = learner.step();
    await lab.answer();
    await done;
    expect([learner.progress?.steps, learner.isRunning]).toEqual([1, false]);
  });

  test('replays the same from the same seed', async () => {
    const { lab, learner } = started();
    void learner.start();
    while (!learner.isAtEnd) await lab.answer();
    const first = learner.progress;
    void learner.replay();
    expect(learner.progress).toBeUndefined();
    while (!learner.isAtEnd) await lab.answer();
    expect(learner.progress).toEqual(first);
  });

  test('begins anew when it is reset, and ends what runs', async () => {
    const { lab, learner } = started();
    void learner.start();
    await lab.answer();
    learner.reset();
    await lab.answer();
    expect([learner.progress, learner.isRunning, lab.aborted]).toEqual([undefined, false, 1]);
    void learner.step();
    await lab.answer();
    expect(learner.progress?.steps).toBe(1);
  });

  test('asks for what is set, and drops an answer that comes for what was set before', async () => {
    const { lab, learner, settings } = started();
    void learner.step();
    const policy = onlinePolicyById('ucb-thresholds');
    settings.online = { policy, parameters: { thresholds: 5 }, seed: 7, passes: 3, isChanging: true, delay: 5 };
    await lab.answer();
    expect(learner.progress).toBeUndefined();
    void learner.step();
    await lab.answer();
    expect(lab.jobs[1]).toEqual({
      policy: { id: 'ucb-thresholds', parameters: { thresholds: 5 } },
      // Of these rows none were recorded mistyped.
      ...{ seed: 7, passes: 3, isChanging: false, delay: 5, runs: 5, steps: 1 },
    });
    expect(learner.progress).toMatchObject({ steps: 1, length: 300 });
  });

  test('says what failed, and stops', async () => {
    const { learner, lab } = started();
    lab.compute = () => Promise.reject(new DimeeError('INTERNAL', 'The worker is gone.'));
    await learner.start();
    expect([learner.problem, learner.isRunning]).toEqual(['The worker is gone.', false]);
  });
});
