import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type InferRequest, type InferResult, type Tier } from '../ladder/tier';
import { toLayer } from '../layers';
import { pass } from '../testing/dial';
import { fakeRequest } from '../testing/fake-ladder';
import { fakeManifest } from '../testing/fake-manifest';
import { joinEnds } from '../testing/join-ends';
import { slowLine } from '../testing/slow-line';
import { fakeNetwork } from '../testing/socket-pair';
import { RemoteTier } from './remote-tier';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const HIDDEN = 384;
const TOKENS = 128;
const SAMPLES = 64;
/** 256 kbit/s. */
const SLOW = 32;

const sample = (index: number): InferRequest =>
  fakeRequest({
    sampleKey: `sample-${index}`,
    priorLogits: new Array<number[]>(4).fill([0.5, 0]),
    input: { kind: 'hiddenState', state: { tokens: TOKENS, hidden: HIDDEN, data: new Float32Array(TOKENS * HIDDEN) } },
    payloadDtype: 'int8',
    deadlineMs: 30_000,
  });

/** A tier that answers after some milliseconds, behind a line of so many bytes a millisecond. */
function behindLine(bytesPerMs: number, answersAfterMs = 10) {
  const reached: string[] = [];
  const sent = { bytes: 0 };
  const steps: InferResult['steps'] = [{ layer: toLayer(5), tier: 'edge', logits: [1, 0], computeMs: answersAfterMs }];
  const tier: Tier = {
    infer: async ({ sampleKey }) => {
      reached.push(sampleKey);
      await new Promise((resolve) => setTimeout(resolve, answersAfterMs));
      return { tokens: TOKENS, steps, crossings: [], queueMs: 0 };
    },
  };
  const { openSocket, connections } = fakeNetwork(
    (server) => void joinEnds(server, { tier, manifest: fakeManifest() }),
  );
  const remote = new RemoteTier({
    ...{ url: 'ws://edge/v1/tier', from: 'mobile', to: 'edge', modelHash: fakeManifest().hash, variant: 'q8' },
    ...{ client: 'test', now: () => performance.now() },
    openSocket: slowLine(openSocket, bytesPerMs, (bytes) => (sent.bytes += bytes)),
  });
  return { remote, reached, sent, connections };
}

test('at 256 kbit/s every sample is sent once, none is late, and a slow edge is not taken for a dead one', async () => {
  const { remote, reached, sent, connections } = behindLine(SLOW);
  const samples = Array.from({ length: SAMPLES }, (_, index) => sample(index));
  const answers = Promise.allSettled(samples.map((request) => remote.infer(request, new AbortController().signal)));
  await pass(150_000);
  expect((await answers).filter(({ status }) => status === 'rejected')).toEqual([]);
  expect(connections).toHaveLength(1);
  expect(reached).toEqual(samples.map(({ sampleKey }) => sampleKey));
  const payload = TOKENS * (HIDDEN + 4);
  expect(sent.bytes).toBeLessThan(1.1 * SAMPLES * payload);
  remote.close();
});

test('what a fast line takes is not held back: the share that the server grants is on its way at once', async () => {
  const { remote, reached } = behindLine(100_000, 50);
  const infer = (index: number) => remote.infer(sample(index), new AbortController().signal);
  const first = infer(0);
  await pass(60);
  await first;
  const rest = Promise.all(Array.from({ length: 32 }, (_, index) => infer(index + 1)));
  await pass(40);
  expect(reached).toHaveLength(33);
  await pass(100);
  await rest;
  remote.close();
});

test('what is stopped together leaves no byte behind that was not on its way', async () => {
  const { remote, reached } = behindLine(SLOW);
  const stop = new AbortController();
  const stopped = [0, 1, 2].map((index) => remote.infer(sample(index), stop.signal).catch(() => 'stopped'));
  const last = remote.infer(sample(3), new AbortController().signal);
  await pass(100);
  stop.abort();
  await pass(10_000);
  expect(await Promise.all(stopped)).toEqual(['stopped', 'stopped', 'stopped']);
  expect((await last).steps).toHaveLength(1);
  expect(reached).toEqual(['sample-0', 'sample-1', 'sample-3']);
  remote.close();
});
