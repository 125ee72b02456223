import { describe, expect, test } from 'vitest';
import { DimeeError, errorData, isAbort } from '../errors';
import { parseManifest } from '../model/manifest';
import { atOnce, fakeLadder, fakeRequest } from '../testing/fake-ladder';
import { fakeManifest, fakeManifestJson } from '../testing/fake-manifest';
import { fakeModelWithPolicyFiles, fakePolicyData } from '../testing/fake-policy-files';
import { type FakeLogits, FakeRuntime, fakeState, logitsOfConfidence } from '../testing/fake-runtime';
import { HeldStates } from './held-states';
import type { LadderTierOptions } from './ladder-tier';
import { LoopbackTier } from '../protocol/loopback-tier';
import type { InferRequest, InferResult, LayerStep, Tier } from './tier';

const manifest = fakeManifest();
const never = new AbortController().signal;
const now = () => performance.now();
const byConfidence = (mobileThreshold: number, edgeThreshold = 1, cloudThreshold = 1) => ({
  id: 'confidence',
  parameters: { mobileThreshold, edgeThreshold, cloudThreshold },
});
const layersOf = ({ steps }: InferResult) => steps.map(({ layer, tier }) => `${layer} ${tier}`);
const failureOf = (promise: Promise<InferResult>) => promise.then(() => undefined, errorData);

/** Mobile, edge and cloud in one process, each with a runtime of its own. */
function chain(logits: FakeLogits, mobileOptions: Partial<LadderTierOptions> = {}) {
  const [mobile, edge, cloud] = [0, 1, 2].map(() => new FakeRuntime({ manifest, logits })) as [
    FakeRuntime,
    FakeRuntime,
    FakeRuntime,
  ];
  const cloudTier = fakeLadder({ name: 'cloud', runtime: cloud });
  const toCloud = new LoopbackTier({ from: 'edge', to: 'cloud', tier: cloudTier, now });
  const edgeTier = fakeLadder({ name: 'edge', runtime: edge, upstream: toCloud });
  const toEdge = new LoopbackTier({ from: 'mobile', to: 'edge', tier: edgeTier, now });
  const tier = fakeLadder({ name: 'mobile', runtime: mobile, upstream: toEdge, ...mobileOptions });
  return { tier, mobile, edge, cloud };
}

/** An upstream that keeps what it is asked and answers with one step at the layer it was asked for. */
function spy(): Tier & { readonly asked: InferRequest[]; readonly signals: AbortSignal[] } {
  const [asked, signals]: [InferRequest[], AbortSignal[]] = [[], []];
  return {
    asked,
    signals,
    infer: (request, signal) => {
      asked.push(request);
      signals.push(signal);
      const step: LayerStep = {
        layer: request.priorLogits.length + 1,
        tier: 'edge',
        logits: [0, 0],
        computeMs: 1,
      };
      const hop = { from: 'edge', to: 'cloud', afterLayer: 8, bytesUp: 1, bytesDown: 2, roundTripMs: 3 } as const;
      return Promise.resolve({ tokens: 99, steps: [step], crossings: [hop], queueMs: 5 });
    },
  };
}

/** A clock that only the test moves. */
function clockOf(start = 1000) {
  const clock = { time: start, now: () => clock.time };
  return clock;
}

describe('a sample on its own tier', () => {
  const logits = logitsOfConfidence([0.6, 0.7, 0.92, 0.97, 0.6, 0.99]);

  test('leaves at the first layer whose exit the policy takes', async () => {
    const { tier, mobile, edge } = chain(logits);
    const result = await tier.infer(fakeRequest({ policy: byConfidence(0.9) }), never);
    expect(layersOf(result)).toEqual(['1 mobile', '2 mobile', '3 mobile']);
    expect(result.tokens).toBe(4);
    expect(result.crossings).toEqual([]);
    expect([mobile.layersRun, edge.layersRun]).toEqual([[1, 2, 3], []]);
  });

  test('is judged by calibrated probabilities: a temperature moves its exit', async () => {
    const temperatures = [1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    const json = fakeManifestJson();
    const warm = parseManifest({ ...json, tasks: { ...json.tasks, sst2: { ...json.tasks.sst2, temperatures } } });
    const { tier } = chain(logits, { manifest: warm });
    expect(layersOf(await tier.infer(fakeRequest({ policy: byConfidence(0.9) }), never)).at(-1)).toBe('4 mobile');
  });

  test('gets the logits of its own task', async () => {
    const { tier } = chain(() => [0, 0, 1, 2, 3]);
    const input = { kind: 'text', texts: ['sample 0', 'sample 0'] } as const;
    const result = await tier.infer(fakeRequest({ task: 'mnli', input, policy: byConfidence(0) }), never);
    expect(result.steps[0]?.logits).toEqual([1, 2, 3]);
  });

  test('reports every step as it is made', async () => {
    const seen: [string, number][] = [];
    const { tier } = chain(logits, { onStep: (key, step) => seen.push([key, step.layer]) });
    await tier.infer(fakeRequest({ sampleKey: 'watched', policy: byConfidence(0.65) }), never);
    expect(seen).toEqual([
      ['watched', 1],
      ['watched', 2],
    ]);
  });

  test('waits for its turn, and the wait is its queue time', async () => {
    const clock = clockOf();
    const schedule: LadderTierOptions['schedule'] = (job) => {
      clock.time += 40;
      return job();
    };
    const { tier } = chain(logits, { schedule, now: clock.now });
    expect((await tier.infer(fakeRequest({ policy: byConfidence(0) }), never)).queueMs).toBe(40);
  });

  test('measures the compute of each layer', async () => {
    const clock = clockOf();
    const runtime = new FakeRuntime({ manifest, logits, beforeLayer: (layer) => (clock.time += 10 * layer) });
    const tier = fakeLadder({ name: 'mobile', runtime, now: clock.now });
    const { steps } = await tier.infer(fakeRequest({ policy: byConfidence(0.65) }), never);
    expect(steps.map((step) => step.computeMs)).toEqual([10, 20]);
  });

  test('is refused with what its schedule says when too many wait', async () => {
    const full = new DimeeError('OVERLOADED', 'The queue is full.', { retryable: true, retryAfterMs: 20 });
    const { tier, mobile } = chain(logits, { schedule: () => Promise.reject(full) });
    expect(await failureOf(tier.infer(fakeRequest(), never))).toEqual(errorData(full));
    expect(mobile.textsRead).toEqual([]);
  });

  test('stops at logits that are not finite instead of taking them for an unsure exit', async () => {
    const { tier, mobile } = chain((_, layer) => [layer === 2 ? NaN : 0, 0, 0, 0, 0]);
    expect(await failureOf(tier.infer(fakeRequest(), never))).toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('Layer 2 gave logits that are not finite'),
    });
    expect(mobile.layersRun).toEqual([1, 2]);
  });
});

describe('a sample that goes on', () => {
  test('climbs from mobile to edge to cloud', async () => {
    const { tier, mobile, edge, cloud } = chain(logitsOfConfidence(new Array<number>(12).fill(0.6)));
    const result = await tier.infer(fakeRequest(), never);
    expect(layersOf(result)).toEqual(
      Array.from({ length: 12 }, (_, index) => `${index + 1} ${['mobile', 'edge', 'cloud'][Math.floor(index / 4)]}`),
    );
    expect([mobile, edge, cloud].map((runtime) => runtime.layersRun.length)).toEqual([4, 4, 4]);
    // 4 tokens × 8 numbers × 4 bytes and the header of 32.
    expect(result.crossings).toMatchObject([
      { from: 'mobile', to: 'edge', afterLayer: 4, bytesUp: 160 },
      { from: 'edge', to: 'cloud', afterLayer: 8, bytesUp: 160 },
    ]);
  });

  test('leaves at the edge by the edge’s threshold', async () => {
    const { tier, cloud } = chain(logitsOfConfidence([0.85, 0.85, 0.85, 0.85, 0.7, 0.85]));
    const result = await tier.infer(fakeRequest({ policy: byConfidence(0.9, 0.8) }), never);
    expect(layersOf(result).at(-1)).toBe('6 edge');
    expect(cloud.layersRun).toEqual([]);
  });

  test('crosses straight to the cloud’s layers where the edge runs none', async () => {
    const { tier, edge } = chain(logitsOfConfidence([]));
    const plan = { mobileLayers: 4, edgeLayers: 4 };
    expect(layersOf(await tier.infer(fakeRequest({ plan }), never))[4]).toBe('5 cloud');
    expect(edge.layersRun).toEqual([]);
  });

  test('never crosses where the mobile tier runs every layer', async () => {
    const { tier } = chain(logitsOfConfidence([]));
    const result = await tier.infer(fakeRequest({ plan: { mobileLayers: 12, edgeLayers: 12 } }), never);
    expect(layersOf(result).at(-1)).toBe('12 mobile');
    expect(result.crossings).toEqual([]);
  });

  test('takes its exits along: patience counts across tiers', async () => {
    const { tier } = chain(logitsOfConfidence(new Array<number>(12).fill(0.6)));
    const policy = { id: 'patience', parameters: { patience: 10 } };
    expect(layersOf(await tier.infer(fakeRequest({ policy }), never)).at(-1)).toBe('10 cloud');
  });

  test('hands its state, its logits and what is left of its time to the next tier, and adds up the answer', async () => {
    const clock = clockOf();
    const upstream = spy();
    const logits = logitsOfConfidence([0.6, 0.7, 0.6, 0.7]);
    const runtime = new FakeRuntime({ manifest, logits, beforeLayer: () => (clock.time += 100) });
    const schedule: LadderTierOptions['schedule'] = (job) => {
      clock.time += 7;
      return job();
    };
    const tier = fakeLadder({ name: 'mobile', runtime, upstream, schedule, now: clock.now });
    const abort = new AbortController();
    const request = fakeRequest({ sampleKey: 'key', deadlineMs: 1000, payloadDtype: 'int8' });
    const result = await tier.infer(request, abort.signal);
    const state = fakeState(manifest, 0, 4, 4);
    const priorLogits = result.steps.slice(0, 4).map((step) => step.logits);
    expect(upstream.asked).toEqual([
      { ...request, priorLogits, input: { kind: 'hiddenState', state }, deadlineMs: 1000 - 7 - 400 },
    ]);
    expect(priorLogits).toHaveLength(4);
    expect(upstream.signals).toEqual([abort.signal]);
    expect(result).toMatchObject({ tokens: 4, queueMs: 7 + 5 });
    expect(layersOf(result)).toEqual(['1 mobile', '2 mobile', '3 mobile', '4 mobile', '5 edge']);
    expect(result.crossings).toHaveLength(1);
  });

  test('without a tier above is TIER_UNAVAILABLE, and its state is kept for another try', async () => {
    const heldStates = new HeldStates(2 ** 20);
    const tier = fakeLadder({ name: 'mobile', heldStates });
    const failure = await failureOf(tier.infer(fakeRequest({ sampleKey: 'stranded' }), never));
    expect(failure).toMatchObject({ code: 'TIER_UNAVAILABLE', message: expect.stringContaining('run layer 5') });
    expect(heldStates.get('stranded', 4)).toEqual(fakeState(manifest, 0, 4, 4));
  });
});

describe('a text that the policy sends elsewhere', () => {
  test.each([
    ['all-mobile', '4 mobile', 4],
    ['all-edge', '8 edge', 8],
    ['all-cloud', '12 cloud', 12],
  ])('%s: is read and answered there alone', async (id, last, layers) => {
    const { tier, mobile, edge, cloud } = chain(logitsOfConfidence(new Array<number>(12).fill(0.999)));
    const result = await tier.infer(fakeRequest({ policy: { id, parameters: {} } }), never);
    expect(result.steps).toHaveLength(layers);
    expect(layersOf(result).at(-1)).toBe(last);
    expect([mobile, edge, cloud].filter((runtime) => runtime.textsRead.length > 0)).toHaveLength(1);
    expect([mobile, edge, cloud].filter((runtime) => runtime.layersRun.length > 0)).toHaveLength(1);
  });

  test('crosses as text, without a turn in the queue of the tier it passes', async () => {
    const { tier } = chain(logitsOfConfidence([]), {
      schedule: () => Promise.reject(new Error('nothing to do here')),
    });
    const result = await tier.infer(fakeRequest({ policy: { id: 'all-cloud', parameters: {} } }), never);
    expect(result.crossings).toMatchObject([
      { from: 'mobile', to: 'edge', afterLayer: 0, bytesUp: 8 },
      { from: 'edge', to: 'cloud', afterLayer: 0, bytesUp: 8 },
    ]);
  });
});

describe('a sample whose tier is chosen by its text', async () => {
  const [easy, moderate, hard] = ['sample 1', 'sample 4', 'sample 7'];
  /** Of the fake's embeddings, whose first number is the sample's last digit and whose others are 0. */
  const at = (first: number) => [first, ...new Array<number>(7).fill(0)];
  const pools = { centroids: [at(1), at(4), at(7)], shares: [0.5, 0.3, 0.2] };
  const { manifest, policyFiles } = fakeModelWithPolicyFiles(
    fakePolicyData({ pools: { dimee: pools, dimecDc: pools } }),
  );
  const policy = { id: 'dimee-pools', parameters: {} };
  const request = (text: string, changes: Partial<InferRequest> = {}) =>
    fakeRequest({ policy, input: { kind: 'text', texts: [text] }, ...changes });
  const layersUpTo = (last: number, tier: string) => Array.from({ length: last }, (_, index) => `${index + 1} ${tier}`);
  const certain = () => [9, 0, 0, 0, 0];

  test.each([
    [easy, 4, 'mobile', [0, 3, 6]],
    [moderate, 8, 'edge', [3, 0, 3]],
    [hard, 12, 'cloud', [6, 3, 0]],
  ])('%s runs layers 1 to %i on the %s tier, however sure its exits', async (text, last, name, dimee) => {
    const { tier, mobile } = chain(certain, { manifest, policyFiles });
    const result = await tier.infer(request(text), never);
    expect(layersOf(result)).toEqual(layersUpTo(last, name));
    expect(result.distances).toEqual({ dimee, dimecDc: dimee });
    expect(mobile.textsRead).toHaveLength(1);
  });

  test('crosses as text, as a sample of the policy that sends all to that tier', async () => {
    const upstream = spy();
    const clock = clockOf();
    const schedule: LadderTierOptions['schedule'] = (job) => {
      clock.time += 30;
      return job();
    };
    const tier = fakeLadder({ name: 'mobile', manifest, policyFiles, upstream, schedule, now: clock.now });
    const result = await tier.infer(request(hard, { deadlineMs: 1000 }), never);
    expect(upstream.asked).toEqual([
      request(hard, { policy: { id: 'all-cloud', parameters: {} }, deadlineMs: 1000 - 30 }),
    ]);
    expect(result.queueMs).toBe(30 + 5);
  });

  test('runs all of its layers on a tier that is cut off from the others', async () => {
    const { tier } = chain(certain, { manifest, policyFiles, covers: ['mobile', 'edge', 'cloud'] });
    const result = await tier.infer(request(moderate), never);
    expect(layersOf(result)).toEqual(layersUpTo(8, 'mobile'));
    expect(result.crossings).toEqual([]);
  });

  test('cannot start from anything but its text, nor at a tier above the one it belongs to', async () => {
    const { tier } = chain(certain, { manifest, policyFiles });
    const held = request(easy, { priorLogits: [[0, 0]], input: { kind: 'held' } });
    expect(await failureOf(tier.infer(held, never))).toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('Send the sample as text'),
    });
    const edge = fakeLadder({ name: 'edge', manifest, policyFiles });
    expect(await failureOf(edge.infer(request(easy), never))).toMatchObject({ code: 'BAD_INPUT' });
  });

  test('needs the centroids', async () => {
    const { tier } = chain(certain);
    expect(await failureOf(tier.infer(request(easy), never))).toMatchObject({ code: 'BAD_INPUT' });
  });
});

describe('a sample that climbs on', () => {
  const logits = logitsOfConfidence([0.6, 0.8, 0.85, 0.9, 0.95, 0.96]);

  /** Runs a sample to its exit, then again under a stricter policy with its state held. */
  async function twice(first: InferRequest['policy'], second: InferRequest['policy']) {
    const world = chain(logits);
    const request = fakeRequest({ policy: first });
    const { steps } = await world.tier.infer(request, never);
    const priorLogits = steps.map((step) => step.logits);
    const held: InferRequest = { ...request, policy: second, priorLogits, input: { kind: 'held' } };
    return { ...world, result: await world.tier.infer(held, never) };
  }

  test('runs only the layers that are missing', async () => {
    const { result, mobile, edge } = await twice(byConfidence(0.78), byConfidence(0.88));
    expect(layersOf(result)).toEqual(['3 mobile', '4 mobile']);
    expect([mobile.layersRun, mobile.textsRead.length, edge.layersRun]).toEqual([[1, 2, 3, 4], 1, []]);
  });

  test('goes on at the edge from the mobile tier’s last layer', async () => {
    const { result, mobile, edge } = await twice(byConfidence(0.88), byConfidence(0.94, 0.94));
    expect(layersOf(result)).toEqual(['5 edge']);
    expect([mobile.layersRun, edge.layersRun]).toEqual([[1, 2, 3, 4], [5]]);
    expect(result.crossings).toMatchObject([{ afterLayer: 4, bytesUp: 160 }]);
  });

  test('goes on at the edge where its state is held there, and no state crosses', async () => {
    const { result, edge } = await twice(byConfidence(1, 0.94), byConfidence(1, 0.955));
    expect(layersOf(result)).toEqual(['6 edge']);
    expect(edge.layersRun).toEqual([5, 6]);
    expect(result.crossings).toMatchObject([{ afterLayer: 5, bytesUp: 0 }]);
  });

  test('may climb on under another policy that looks back', async () => {
    const patient = { id: 'patience', parameters: { patience: 4 } };
    const { result } = await twice(byConfidence(0.78), patient);
    expect(layersOf(result)).toEqual(['3 mobile', '4 mobile']);
  });

  test('ER4: is STATE_NOT_HELD where no tier keeps its state', async () => {
    const climbedTo = (layers: number) =>
      fakeRequest({ priorLogits: new Array<number[]>(layers).fill([0, 0]), input: { kind: 'held' } });
    const alone = fakeLadder({ name: 'mobile' });
    expect(await failureOf(alone.infer(climbedTo(2), never))).toMatchObject({
      code: 'STATE_NOT_HELD',
      message: expect.stringContaining('after layer 2'),
    });
    for (const layers of [2, 6, 10]) {
      const { tier, mobile, edge, cloud } = chain(logits);
      expect(await failureOf(tier.infer(climbedTo(layers), never))).toMatchObject({ code: 'STATE_NOT_HELD' });
      expect([mobile, edge, cloud].flatMap((runtime) => runtime.layersRun)).toEqual([]);
    }
  });

  test('is STATE_NOT_HELD where only the state after another layer is kept', async () => {
    const tier = fakeLadder({ name: 'mobile', runtime: new FakeRuntime({ manifest, logits }) });
    const first = await tier.infer(fakeRequest({ policy: byConfidence(0.78) }), never);
    expect(first.steps).toHaveLength(2);
    const held = fakeRequest({ priorLogits: [[0, 0]], input: { kind: 'held' } });
    expect(await failureOf(tier.infer(held, never))).toMatchObject({ code: 'STATE_NOT_HELD' });
  });
});

describe('a tier that covers the others', () => {
  const logits = logitsOfConfidence([0.6, 0.6, 0.6, 0.6, 0.6, 0.85]);

  test('runs their layers itself, by their thresholds, and says it was the one', async () => {
    const { tier, mobile, edge } = chain(logits, { covers: ['mobile', 'edge', 'cloud'] });
    const result = await tier.infer(fakeRequest({ policy: byConfidence(0.9, 0.8) }), never);
    expect(layersOf(result)).toEqual([1, 2, 3, 4, 5, 6].map((layer) => `${layer} mobile`));
    expect(result.crossings).toEqual([]);
    expect([mobile.layersRun.length, edge.layersRun.length]).toEqual([6, 0]);
  });

  test('takes over from where a tier cut off from the others had to stop', async () => {
    const heldStates = new HeldStates(2 ** 20);
    const runtime = new FakeRuntime({ manifest, logits });
    const steps: LayerStep[] = [];
    const onStep = (_: string, step: LayerStep) => steps.push(step);
    const cutOff = fakeLadder({ name: 'mobile', runtime, heldStates, onStep });
    const alone = fakeLadder({ name: 'mobile', covers: ['mobile', 'edge', 'cloud'], runtime, heldStates });
    const request = fakeRequest({ policy: byConfidence(0.9, 0.8) });
    expect(await failureOf(cutOff.infer(request, never))).toMatchObject({ code: 'TIER_UNAVAILABLE' });
    const priorLogits = steps.map((step) => step.logits);
    const result = await alone.infer({ ...request, priorLogits, input: { kind: 'held' } }, never);
    expect(layersOf(result)).toEqual(['5 mobile', '6 mobile']);
    expect(runtime.layersRun).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('answers a text meant for a tier it covers', async () => {
    const { tier, mobile } = chain(logits, { covers: ['mobile', 'edge', 'cloud'] });
    const result = await tier.infer(fakeRequest({ policy: { id: 'all-cloud', parameters: {} } }), never);
    expect(result.steps).toHaveLength(12);
    expect(mobile.layersRun).toHaveLength(12);
  });

  test('may cover one other tier and hand on to the next', async () => {
    const upstream = spy();
    const tier = fakeLadder({ name: 'edge', covers: ['mobile', 'edge'], upstream });
    const result = await tier.infer(fakeRequest(), never);
    expect(result.steps.slice(0, 8).every((step) => step.tier === 'edge')).toBe(true);
    expect(upstream.asked[0]?.priorLogits).toHaveLength(8);
  });
});

describe('what a request must keep to', () => {
  const hiddenState = (tokens: number) => ({ kind: 'hiddenState', state: fakeState(manifest, 0, 1, tokens) }) as const;

  test('the smallest plan and the longest hidden state are taken', async () => {
    const { tier } = chain(logitsOfConfidence([]));
    const plan = { mobileLayers: 1, edgeLayers: 1 };
    expect(layersOf(await tier.infer(fakeRequest({ plan }), never))[1]).toBe('2 cloud');
    const longest = fakeRequest({ priorLogits: [[0, 0]], input: hiddenState(manifest.maxTokens) });
    expect((await tier.infer(longest, never)).tokens).toBe(manifest.maxTokens);
  });

  test.each<[string, Partial<InferRequest>, string]>([
    ['a plan without mobile layers', { plan: { mobileLayers: 0, edgeLayers: 8 } }, 'not 0 and 8'],
    ['a plan that is not a number', { plan: { mobileLayers: NaN, edgeLayers: 8 } }, 'not NaN and 8'],
    ['a plan that runs backwards', { plan: { mobileLayers: 5, edgeLayers: 4 } }, 'not 5 and 4'],
    ['a plan deeper than the model', { plan: { mobileLayers: 4, edgeLayers: 13 } }, '≤ 12, not 4 and 13'],
    ['a text above layer 1', { priorLogits: [[0, 0]] }, 'A text starts at layer 1, not at layer 2.'],
    ['a pair for a task of one text', { input: { kind: 'text', texts: ['a', 'b'] } }, 'takes one text, not 2'],
    ['one text for a task of pairs', { task: 'mnli' }, 'takes two texts, not 1'],
    ['logits of another task', { priorLogits: [[0, 0, 0]], input: { kind: 'held' } }, '2 logits at every layer'],
    ['too many tokens', { priorLogits: [[0, 0]], input: hiddenState(17) }, '[1 to 16, 8], not [17, 8]'],
  ])('%s is BAD_INPUT', async (_, change, message) => {
    const { tier, mobile } = chain(logitsOfConfidence([]));
    const failure = await failureOf(tier.infer(fakeRequest(change), never));
    expect(failure).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining(message) });
    expect(mobile.layersRun).toEqual([]);
  });
});

describe('a sample whose next layer is a lower tier’s', () => {
  const upstream = spy();
  const edge = fakeLadder({ name: 'edge', upstream });
  const priorLogits = new Array<number[]>(2).fill([0, 0]);

  test('is STATE_NOT_HELD where it is held, so that it starts again from below', async () => {
    const held = fakeRequest({ priorLogits, input: { kind: 'held' } });
    expect(await failureOf(edge.infer(held, never))).toMatchObject({ code: 'STATE_NOT_HELD' });
  });

  test('is BAD_INPUT where it comes as a state or a text', async () => {
    const state = fakeRequest({ priorLogits, input: { kind: 'hiddenState', state: fakeState(manifest, 0, 2) } });
    const text = fakeRequest({ policy: { id: 'all-mobile', parameters: {} } });
    for (const request of [state, text]) {
      expect(await failureOf(edge.infer(request, never))).toMatchObject({ code: 'BAD_INPUT' });
    }
    expect(upstream.asked).toEqual([]);
  });
});

describe('a sample that is no longer wanted', () => {
  test('RQ6: an abort stops it before the next layer', async () => {
    const abort = new AbortController();
    const upstream = spy();
    const runtime = new FakeRuntime({ manifest, beforeLayer: (layer) => layer === 2 && abort.abort() });
    const tier = fakeLadder({ name: 'mobile', runtime, upstream });
    const error = await tier.infer(fakeRequest(), abort.signal).catch((reason: unknown) => reason);
    expect(isAbort(error)).toBe(true);
    expect(runtime.layersRun).toEqual([1, 2]);
    expect(upstream.asked).toEqual([]);
  });

  test('an abort at this tier’s last layer keeps it from the next tier', async () => {
    const abort = new AbortController();
    const upstream = spy();
    const runtime = new FakeRuntime({ manifest, beforeLayer: (layer) => layer === 4 && abort.abort() });
    const tier = fakeLadder({ name: 'mobile', runtime, upstream });
    const error = await tier.infer(fakeRequest(), abort.signal).catch((reason: unknown) => reason);
    expect(isAbort(error)).toBe(true);
    expect(upstream.asked).toEqual([]);
  });

  test('its abort reaches its schedule', async () => {
    const abort = new AbortController();
    const signals: AbortSignal[] = [];
    const schedule: LadderTierOptions['schedule'] = (job, signal) => {
      signals.push(signal);
      return atOnce(job, signal);
    };
    await fakeLadder({ name: 'mobile', schedule }).infer(fakeRequest({ policy: byConfidence(0) }), abort.signal);
    expect(signals).toEqual([abort.signal]);
  });

  test('ER3: a deadline that passes stops it before the next layer', async () => {
    const clock = clockOf();
    const runtime = new FakeRuntime({ manifest, beforeLayer: () => (clock.time += 30) });
    const tier = fakeLadder({ name: 'mobile', runtime, now: clock.now });
    expect(await failureOf(tier.infer(fakeRequest({ deadlineMs: 60 }), never))).toEqual({
      code: 'DEADLINE_EXCEEDED',
      message: 'The mobile tier could not answer within 60 ms.',
      retryable: true,
      retryAfterMs: undefined,
    });
    expect(runtime.layersRun).toEqual([1, 2, 3]);
  });

  test('ER3: a deadline that passes in the queue runs no layer', async () => {
    const clock = clockOf();
    const runtime = new FakeRuntime({ manifest });
    const schedule: LadderTierOptions['schedule'] = (job) => {
      clock.time += 61;
      return job();
    };
    const tier = fakeLadder({ name: 'mobile', runtime, schedule, now: clock.now });
    const failure = await failureOf(tier.infer(fakeRequest({ deadlineMs: 60 }), never));
    expect(failure).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(runtime.layersRun).toEqual([]);
  });

  test('keeps the state of an earlier climb when a later one is stopped', async () => {
    const heldStates = new HeldStates(2 ** 20);
    const abort = new AbortController();
    const runtime = new FakeRuntime({ manifest, beforeLayer: (layer) => layer === 3 && abort.abort() });
    const tier = fakeLadder({ name: 'mobile', runtime, heldStates });
    const logits = (await tier.infer(fakeRequest({ policy: byConfidence(0) }), never)).steps.map((step) => step.logits);
    const climbOn = fakeRequest({ priorLogits: logits, input: { kind: 'held' } });
    await tier.infer(climbOn, abort.signal).catch(() => undefined);
    expect(heldStates.get('sample-0', 1)).toBeDefined();
  });
});
