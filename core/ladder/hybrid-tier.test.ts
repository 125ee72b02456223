import { describe, expect, test, vi } from 'vitest';
import { DimeeError, isAbort } from '../errors';
import { HeldStates } from './held-states';
import { layersUpTo } from '../layers';
import { LoopbackTier } from '../protocol/loopback-tier';
import type { InferRequest, Tier } from './tier';
import { drawLot, seedOfTexts } from '../numbers/lots';
import type { PolicyFiles } from '../trace/policy-files';
import { atOnce, fakeLadder } from '../testing/fake-ladder';
import { fakeManifest } from '../testing/fake-manifest';
import { fakeModelWithPolicyFiles, fakePolicyData } from '../testing/fake-policy-files';
import { FakeRuntime, type FakeRuntimeOptions } from '../testing/fake-runtime';
import { gate } from '../testing/gate';
import type { RunSample, SampleResult } from './hybrid-tier';
import { HybridTier, type RunSettings } from './hybrid-tier';
import { spansOf } from './spans';

const manifest = fakeManifest();
const now = () => performance.now();
const never = () => new AbortController().signal;
const newSample: RunSample = { sampleKey: 'key-7', texts: ['sample 7'], priorLogits: [] };
const layersOf = ({ steps }: SampleResult) => steps.map(({ layer, tier }) => `${layer} ${tier}`);

/** A run in which no exit but the last one is confident enough, unless a threshold says otherwise. */
function runOf(changes: Partial<RunSettings> = {}, thresholds: Record<string, number> = {}): RunSettings {
  const parameters = { mobileThreshold: 1, edgeThreshold: 1, cloudThreshold: 1, ...thresholds };
  return {
    task: 'sst2',
    policy: { id: 'confidence', parameters },
    plan: { mobileLayers: 4, edgeLayers: 8 },
    payloadDtype: 'float32',
    ...changes,
  };
}

/** The sample as the page would send it again. */
function grown(sample: RunSample, { stepsAfter, steps }: SampleResult): RunSample {
  return { ...sample, priorLogits: [...sample.priorLogits.slice(0, stepsAfter), ...steps.map(({ logits }) => logits)] };
}

/** An edge below a cloud in this process, through which a test can put its hand. */
function fakeEdge(options: Omit<FakeRuntimeOptions, 'manifest'> = {}, policyFiles?: PolicyFiles) {
  const runtime = new FakeRuntime({ manifest, ...options });
  const requests: InferRequest[] = [];
  const failures: unknown[] = [];
  let tier: Tier;
  const forget = () => {
    const cloud = fakeLadder({ name: 'cloud', manifest, runtime, policyFiles });
    const upstream = new LoopbackTier({ from: 'edge', to: 'cloud', tier: cloud, now });
    const edge = fakeLadder({ name: 'edge', runtime, upstream, policyFiles });
    tier = new LoopbackTier({ from: 'mobile', to: 'edge', tier: edge, now });
  };
  forget();
  const infer: Tier['infer'] = (request, signal) => {
    requests.push(request);
    const failure = failures.shift();
    return failure === undefined ? tier.infer(request, signal) : Promise.reject(failure);
  };
  return { infer, requests, failures, runtime, forget };
}

function hybridWith(edge: Tier | undefined, options: Omit<FakeRuntimeOptions, 'manifest'> = {}, files?: PolicyFiles) {
  const prepare = () => Promise.resolve();
  const runtime = Object.assign(new FakeRuntime({ manifest, ...options }), {
    waitedMs: 0,
    prepare,
    isReady: () => true,
  });
  const heldStates = new HeldStates(2 ** 20);
  const common = { manifest, runtime, heldStates, schedule: atOnce, now };
  return { runtime, heldStates, hybrid: new HybridTier({ ...common, edge, policyFiles: files }) };
}

describe('what is read of a sample', () => {
  test('comes with its result, however it went', async () => {
    const { hybrid } = hybridWith(fakeEdge());
    const wholly = runOf({ policy: { id: 'all-cloud', parameters: {} } });
    const texts = ['unknown thing 7'] as const;
    for (const run of [runOf({}, { mobileThreshold: 0 }), wholly]) {
      const { reading } = await hybrid.climb({ ...newSample, texts }, run, never());
      expect(reading?.texts).toEqual([{ tokens: 3, read: 3, unknown: 1 }]);
    }
  });

  test('must be something known, or it is no sentence and goes nowhere', async () => {
    const edge = fakeEdge();
    const { hybrid, runtime } = hybridWith(edge);
    const sample = { ...newSample, texts: ['unknown unknown'] as const };
    await expect(hybrid.climb(sample, runOf(), never())).rejects.toMatchObject({ code: 'NO_KNOWN_TOKEN' });
    expect([runtime.samplesEmbedded, edge.requests]).toEqual([[], []]);
  });

  test('is not known where the tokeniser cannot be had, and the edge answers all the same', async () => {
    const { hybrid, runtime } = hybridWith(fakeEdge());
    runtime.tokenize = () => Promise.reject(new DimeeError('MODEL_UNAVAILABLE', 'No tokeniser.'));
    const wholly = runOf({ policy: { id: 'all-edge', parameters: {} } });
    expect(await hybrid.climb(newSample, wholly, never())).toMatchObject({ reading: undefined, tokens: 4 });
    const stoodIn = await hybrid.climb(newSample, runOf(), never());
    expect(stoodIn).toMatchObject({ reading: undefined, ranAtEdge: expect.stringContaining('No tokeniser') });
  });
});

describe('with an edge', () => {
  test('a new sample climbs here and then at the edge and in the cloud', async () => {
    const edge = fakeEdge();
    const { hybrid, runtime } = hybridWith(edge);
    const result = await hybrid.climb(newSample, runOf(), never());
    expect(layersOf(result)).toEqual([
      ...['1 mobile', '2 mobile', '3 mobile', '4 mobile', '5 edge', '6 edge', '7 edge', '8 edge'],
      ...['9 cloud', '10 cloud', '11 cloud', '12 cloud'],
    ]);
    expect(result).toMatchObject({ stepsAfter: 0, ranLocally: undefined, tokens: 4 });
    expect(result.crossings.map(({ to, afterLayer }) => [to, afterLayer])).toEqual([
      ['edge', 4],
      ['cloud', 8],
    ]);
    expect(runtime.layersRun).toEqual([1, 2, 3, 4]);
  });

  test('a sample that stopped here climbs on here, with its own state', async () => {
    const { hybrid, runtime } = hybridWith(fakeEdge());
    const first = await hybrid.climb(
      newSample,
      runOf({ policy: { id: 'patience', parameters: { patience: 1 } } }),
      never(),
    );
    const stoppedAt = first.steps.length;
    expect(stoppedAt).toBeLessThan(4);
    const second = await hybrid.climb(grown(newSample, first), runOf(), never());
    expect(second.stepsAfter).toBe(stoppedAt);
    expect(second.steps[0]?.layer).toBe(stoppedAt + 1);
    expect(runtime.layersRun).toEqual([1, 2, 3, 4]);
    expect(runtime.samplesEmbedded).toHaveLength(1);
  });

  test('a sample that stopped at the edge climbs on there, and nothing runs here', async () => {
    const edge = fakeEdge();
    const { hybrid, runtime } = hybridWith(edge);
    const first = await hybrid.climb(newSample, runOf({}, { edgeThreshold: 0 }), never());
    expect(layersOf(first).at(-1)).toBe('5 edge');
    const second = await hybrid.climb(grown(newSample, first), runOf(), never());
    expect(second.stepsAfter).toBe(5);
    expect(layersOf(second).slice(0, 3)).toEqual(['6 edge', '7 edge', '8 edge']);
    expect(edge.requests[1]?.input).toEqual({ kind: 'held' });
    expect(runtime.layersRun).toEqual([1, 2, 3, 4]);
  });

  test('where the edge has dropped a state, the sample goes on from the one that is held here', async () => {
    const edge = fakeEdge();
    const { hybrid, runtime } = hybridWith(edge);
    const first = await hybrid.climb(newSample, runOf({}, { edgeThreshold: 0 }), never());
    edge.forget();
    const second = await hybrid.climb(grown(newSample, first), runOf(), never());
    expect(second.stepsAfter).toBe(4);
    expect(second.steps[0]).toMatchObject({ layer: 5, tier: 'edge' });
    expect(second.ranLocally).toBeUndefined();
    expect(runtime.layersRun).toEqual([1, 2, 3, 4]);
  });

  test('where no tier holds a state any more, the sample starts again from its text', async () => {
    const edge = fakeEdge();
    const { hybrid, heldStates } = hybridWith(edge);
    const first = await hybrid.climb(newSample, runOf({}, { edgeThreshold: 0 }), never());
    edge.forget();
    heldStates.delete(newSample.sampleKey);
    const second = await hybrid.climb(grown(newSample, first), runOf(), never());
    expect(second.stepsAfter).toBe(0);
    expect(second.steps.map(({ layer }) => layer)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test('where the plan has grown, the missing layers of this tier run here and not at the edge', async () => {
    const edge = fakeEdge();
    const { hybrid, runtime } = hybridWith(edge);
    const first = await hybrid.climb(newSample, runOf({}, { edgeThreshold: 0 }), never());
    const deeper = runOf({ plan: { mobileLayers: 6, edgeLayers: 8 } });
    const second = await hybrid.climb(grown(newSample, first), deeper, never());
    expect(second.stepsAfter).toBe(4);
    expect(layersOf(second).slice(0, 3)).toEqual(['5 mobile', '6 mobile', '7 edge']);
    expect(runtime.layersRun).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test.each(['edge', 'cloud'])('a policy for the %s sends the text, of known samples too', async (tier) => {
    const edge = fakeEdge();
    const { hybrid, runtime } = hybridWith(edge);
    const first = await hybrid.climb(newSample, runOf({ policy: { id: 'all-mobile', parameters: {} } }), never());
    edge.requests.length = runtime.layersRun.length = 0;
    const policy = { id: `all-${tier}`, parameters: {} };
    const second = await hybrid.climb(grown(newSample, first), runOf({ policy }), never());
    expect(edge.requests.map(({ input }) => input.kind)).toEqual(['text']);
    expect(runtime.layersRun).toEqual([]);
    expect(second.stepsAfter).toBe(0);
    expect(new Set(second.steps.map((step) => step.tier))).toEqual(new Set([tier]));
  });

  test('a policy that draws lots draws by the text, here and at the edge', async () => {
    const edge = fakeEdge();
    const { hybrid } = hybridWith(edge);
    const policy = { id: 'fixed-exit', parameters: { depth: 6.5 } };
    const { steps } = await hybrid.climb(newSample, runOf({ policy }), never());
    expect(edge.requests.map(({ rowSeed }) => rowSeed)).toEqual([seedOfTexts(newSample.texts)]);
    const lot = drawLot(1, seedOfTexts(newSample.texts));
    expect(steps.at(-1)?.layer).toBe(6 + lot >= 6.5 ? 6 : 7);
    await hybrid.climb({ ...newSample, sampleKey: 'other' }, runOf(), never());
    expect(edge.requests[1]?.rowSeed).toBeUndefined();
  });

  test('a late edge is asked a second time, without running this tier’s layers again', async () => {
    const edge = fakeEdge();
    edge.failures.push(new DimeeError('DEADLINE_EXCEEDED', 'Too late.', { retryable: true }));
    const { hybrid, runtime } = hybridWith(edge);
    const result = await hybrid.climb(newSample, runOf(), never());
    expect(result).toMatchObject({ stepsAfter: 0, ranLocally: undefined });
    expect(result.steps.map(({ layer }) => layer)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(edge.requests).toHaveLength(2);
    expect(runtime.layersRun).toEqual([1, 2, 3, 4]);
  });
});

describe('without help from the edge', () => {
  test('all layers run here, each once, and the reason is told', async () => {
    const { hybrid, runtime } = hybridWith(undefined);
    const result = await hybrid.climb(newSample, runOf(), never());
    expect(result.ranLocally).toBe('No edge server is set, so this device ran the deeper layers itself.');
    expect(new Set(result.steps.map(({ tier }) => tier))).toEqual(new Set(['mobile']));
    expect(result.steps.map(({ layer }) => layer)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(runtime.layersRun).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test('a sample that leaves at this tier’s layers is no fallback', async () => {
    const { hybrid } = hybridWith(undefined);
    const result = await hybrid.climb(newSample, runOf({}, { mobileThreshold: 0 }), never());
    expect(layersOf(result)).toEqual(['1 mobile']);
    expect(result.ranLocally).toBeUndefined();
  });

  test('the thresholds of the tiers that are missing still hold', async () => {
    const { hybrid } = hybridWith(undefined);
    const result = await hybrid.climb(newSample, runOf({}, { edgeThreshold: 0 }), never());
    expect(layersOf(result).at(-1)).toBe('5 mobile');
  });

  test.each([
    ['TIER_UNAVAILABLE', true, 1],
    ['MODEL_MISMATCH', false, 1],
    ['PROTOCOL_VERSION', false, 1],
    ['INTERNAL', false, 1],
    ['DEADLINE_EXCEEDED', true, 2],
  ] as const)('an edge that answers %s is replaced by this device', async (code, retryable, attempts) => {
    const edge = fakeEdge();
    const failure = new DimeeError(code, 'The edge is no help.', { retryable });
    edge.failures.push(failure, failure, failure);
    const { hybrid, runtime } = hybridWith(edge);
    const result = await hybrid.climb(newSample, runOf(), never());
    expect(result.ranLocally).toBe('The edge is no help, so this device ran the deeper layers itself.');
    expect(edge.requests).toHaveLength(attempts);
    expect(runtime.layersRun).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(result.steps.map(({ layer }) => layer)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test('a sample known to the edge goes on from what is held here', async () => {
    const edge = fakeEdge();
    const { hybrid } = hybridWith(edge);
    const first = await hybrid.climb(newSample, runOf({}, { edgeThreshold: 0 }), never());
    edge.failures.push(new DimeeError('TIER_UNAVAILABLE', 'Gone.', { retryable: true }));
    const second = await hybrid.climb(grown(newSample, first), runOf(), never());
    expect(second.stepsAfter).toBe(4);
    expect(layersOf(second)[0]).toBe('5 mobile');
    expect(second.ranLocally).toMatch(/^Gone, so/);
  });

  test('a text for the cloud runs here whole', async () => {
    const { hybrid } = hybridWith(undefined);
    const result = await hybrid.climb(newSample, runOf({ policy: { id: 'all-cloud', parameters: {} } }), never());
    expect(result.steps).toHaveLength(12);
    expect(result.ranLocally).toMatch(/No edge server is set/);
  });

  test('this device’s own failures are no reason to try again', async () => {
    const beforeLayer = (layer: number) => {
      if (layer === 3) throw new Error('layer 3 fell over');
    };
    const { hybrid, runtime } = hybridWith(fakeEdge(), { beforeLayer });
    await expect(hybrid.climb(newSample, runOf(), never())).rejects.toThrow('layer 3 fell over');
    expect(runtime.layersRun).toEqual([1, 2]);
  });
});

test('an abort ends the climb on whichever tier it is, and is no reason to run the rest here', async () => {
  const abort = new AbortController();
  const beforeLayer = (layer: number) => {
    if (layer === 6) abort.abort();
  };
  const edge = fakeEdge({ beforeLayer });
  const { hybrid, runtime } = hybridWith(edge);
  const reason = await hybrid.climb(newSample, runOf(), abort.signal).catch((error: unknown) => error);
  expect(isAbort(reason)).toBe(true);
  expect([runtime.layersRun, edge.runtime.layersRun]).toEqual([
    [1, 2, 3, 4],
    [5, 6],
  ]);
});

describe('where the edge is away and this device lacks layers', () => {
  const away = new DimeeError('TIER_UNAVAILABLE', 'The edge is away.', { retryable: true });
  const noFile = new DimeeError('MODEL_UNAVAILABLE', 'A file is missing.', { retryable: true });
  const noRuntime = new DimeeError('MODEL_UNAVAILABLE', 'There is no WebAssembly.');

  /** A device that has its first `layers` layers, and whose others come when the test says so. */
  function lacking(layers: number, problem: DimeeError = noFile) {
    const [edge, back, layersCome] = [fakeEdge(), gate(), gate()];
    const has = { layers };
    const missing = (layer: number) => {
      if (layer > has.layers) throw problem;
    };
    const prepare = vi.fn(async (last: number) => {
      if (last > has.layers) await layersCome.opened;
      missing(last);
    });
    const onWaiting = vi.fn();
    const runtime = Object.assign(new FakeRuntime({ manifest, beforeLayer: missing }), {
      waitedMs: 0,
      prepare,
      isReady: () => true,
    });
    const common = { manifest, runtime, heldStates: new HeldStates(2 ** 20), schedule: atOnce, now };
    const hybrid = new HybridTier({ ...common, edge, edgeBack: () => back.opened, onWaiting });
    const waits = () => vi.waitFor(() => expect(onWaiting).toHaveBeenLastCalledWith(1));
    return { hybrid, edge, back, layersCome, has, runtime, prepare, onWaiting, waits };
  }

  test('a sample waits, says so, and goes to the edge where that comes back first', async () => {
    const { hybrid, edge, back, waits, onWaiting, prepare, runtime } = lacking(4);
    edge.failures.push(away);
    const result = hybrid.climb(newSample, runOf(), never());
    await waits();
    expect(prepare).toHaveBeenCalledWith(12);
    back.open();
    expect(layersOf(await result).at(-1)).toBe('12 cloud');
    expect(await result).toMatchObject({ ranLocally: undefined, stepsAfter: 0 });
    expect(runtime.layersRun).toEqual([1, 2, 3, 4]);
    expect(onWaiting).toHaveBeenLastCalledWith(0);
  });

  test('a sample runs its deeper layers here where they come first', async () => {
    const { hybrid, edge, has, layersCome, waits } = lacking(4);
    edge.failures.push(away, away, away);
    const result = hybrid.climb(newSample, runOf(), never());
    await waits();
    has.layers = 12;
    layersCome.open();
    expect((await result).ranLocally).toBe('The edge is away, so this device ran the deeper layers itself.');
    expect(edge.requests).toHaveLength(1);
  });

  test('a sample that waits can be stopped', async () => {
    const { hybrid, edge, waits, onWaiting } = lacking(4);
    edge.failures.push(away);
    const stop = new AbortController();
    const result = hybrid.climb(newSample, runOf(), stop.signal).catch((error: unknown) => error);
    await waits();
    stop.abort();
    expect(isAbort(await result)).toBe(true);
    expect(onWaiting).toHaveBeenLastCalledWith(0);
  });

  test('the edge stands in for a device without a runtime, under the same thresholds, and that is told', async () => {
    const { hybrid, edge, layersCome } = lacking(0, noRuntime);
    layersCome.open();
    const run = runOf({}, { mobileThreshold: 0 });
    const result = await hybrid.climb(newSample, run, never());
    expect(layersOf(result)).toEqual(['1 edge']);
    expect(result.ranAtEdge).toBe('There is no WebAssembly, so the edge ran this device’s layers, too.');
    const further = await hybrid.climb(grown(newSample, result), runOf(), never());
    expect(layersOf(further).slice(0, 4)).toEqual(['2 edge', '3 edge', '4 edge', '5 edge']);
    expect(further.stepsAfter).toBe(1);
    expect(edge.requests.map(({ input, standIn }) => [input.kind, standIn])).toEqual([
      ['text', true],
      ['held', true],
    ]);
  });

  test('a sample that the edge has dropped meanwhile is sent again as text', async () => {
    const { hybrid, edge, layersCome } = lacking(0, noRuntime);
    layersCome.open();
    const first = await hybrid.climb(newSample, runOf({}, { mobileThreshold: 0 }), never());
    edge.forget();
    const second = await hybrid.climb(grown(newSample, first), runOf(), never());
    expect([second.stepsAfter, second.steps.length]).toEqual([0, 12]);
  });

  test('with neither a runtime nor an edge a sample waits for the edge', async () => {
    const { hybrid, edge, back, layersCome, waits } = lacking(0, noRuntime);
    layersCome.open();
    edge.failures.push(away);
    const result = hybrid.climb(newSample, runOf(), never());
    await waits();
    back.open();
    expect((await result).steps).toHaveLength(12);
  });

  test('a device whose file comes after all runs its layers itself again', async () => {
    const { hybrid, has, layersCome } = lacking(2);
    const first = await hybrid.climb(newSample, runOf(), never());
    expect(first.ranAtEdge).toMatch(/^A file is missing, so the edge/);
    has.layers = 12;
    layersCome.open();
    await new Promise((resolve) => setTimeout(resolve));
    const second = await hybrid.climb({ ...newSample, sampleKey: 'next' }, runOf(), never());
    expect([second.ranAtEdge, layersOf(second)[0]]).toEqual([undefined, '1 mobile']);
  });

  test('an edge that refuses to stand in is no reason to wait', async () => {
    const { hybrid, edge, layersCome } = lacking(0, noRuntime);
    layersCome.open();
    edge.failures.push(new DimeeError('BAD_INPUT', 'An older edge.'));
    await expect(hybrid.climb(newSample, runOf(), never())).rejects.toMatchObject({
      message: 'There is no WebAssembly.',
    });
  });
});

describe('while this device still loads its model', () => {
  const EARLY = { mayBeginAtEdge: true } as const;

  /** A device without anything, whose layers come when the test says so, before an edge that does likewise. */
  function loading() {
    const [edge, edgeComes, ownCome] = [fakeEdge(), gate(), gate()];
    let isReady = false;
    void ownCome.opened.then(() => (isReady = true));
    const runtime = Object.assign(new FakeRuntime({ manifest, beforeLayer: () => ownCome.opened }), {
      waitedMs: 0,
      prepare: () => ownCome.opened,
      isReady: () => isReady,
    });
    const tokenize = runtime.tokenize.bind(runtime);
    runtime.tokenize = async (texts) => (await ownCome.opened, tokenize(texts));
    const common = { manifest, runtime, heldStates: new HeldStates(2 ** 20), schedule: atOnce, now };
    const edgeWays = { edge, edgeOpens: () => edgeComes.opened, edgeBack: () => edgeComes.opened };
    return { hybrid: new HybridTier({ ...common, ...edgeWays }), edge, edgeComes, ownCome, runtime };
  }

  test('the edge answers from layer 1 on, which is told, and what was read follows', async () => {
    const { hybrid, edge, edgeComes, ownCome, runtime } = loading();
    const lateReading = vi.fn();
    const answer = hybrid.climb(newSample, runOf(EARLY), never(), { lateReading });
    edgeComes.open();
    const result = await answer;
    expect(layersOf(result)).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((n) => `${n} ${n > 8 ? 'cloud' : 'edge'}`),
    );
    expect(result).toMatchObject({ reading: undefined, ranLocally: undefined });
    expect(result.ranAtEdge).toBe(
      'The model was still loading on this device, so the edge ran this device’s layers, too.',
    );
    expect(edge.requests).toMatchObject([{ standIn: true, input: { kind: 'text', texts: newSample.texts } }]);
    expect([runtime.layersRun, lateReading.mock.calls]).toEqual([[], []]);
    ownCome.open();
    await vi.waitFor(() => expect(lateReading.mock.calls).toMatchObject([[{ tokens: 4, isCut: false }]]));
    const next = await hybrid.climb({ ...newSample, sampleKey: 'next' }, runOf(EARLY), never());
    expect([next.ranAtEdge, layersOf(next)[0]]).toEqual([undefined, '1 mobile']);
  });

  test('this device goes on by itself where its layers come before the edge', async () => {
    const { hybrid, edge, ownCome } = loading();
    const answer = hybrid.climb(newSample, runOf(EARLY, { mobileThreshold: 0 }), never());
    ownCome.open();
    expect([layersOf(await answer), edge.requests]).toEqual([['1 mobile'], []]);
  });

  test('a run of many waits for this device, and has its readings with its results', async () => {
    const { hybrid, edgeComes, ownCome, edge } = loading();
    edgeComes.open();
    const answer = hybrid.climb(newSample, runOf(), never());
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(edge.requests).toEqual([]);
    ownCome.open();
    expect((await answer).reading).toMatchObject({ tokens: 4 });
  });

  test('what is no sentence is told by the edge', async () => {
    const { hybrid, edgeComes, edge } = loading();
    edgeComes.open();
    const sample = { ...newSample, texts: ['unknown unknown'] as const };
    await expect(hybrid.climb(sample, runOf(EARLY), never())).rejects.toMatchObject({ code: 'NO_KNOWN_TOKEN' });
    expect(edge.requests).toHaveLength(1);
  });

  test('an edge that refuses is no reason to fail: the sample waits for this device’s layers', async () => {
    const { hybrid, edge, edgeComes, ownCome } = loading();
    edge.failures.push(new DimeeError('BAD_INPUT', 'An older edge.'));
    edgeComes.open();
    const answer = hybrid.climb(newSample, runOf(EARLY), never());
    await vi.waitFor(() => expect(edge.requests).toHaveLength(1));
    ownCome.open();
    expect(layersOf(await answer)[0]).toBe('1 mobile');
  });

  test('a sample that goes to the cloud whole does not wait for the tokeniser, and nobody stands in', async () => {
    const { hybrid, edgeComes } = loading();
    edgeComes.open();
    const wholly = runOf({ ...EARLY, policy: { id: 'all-cloud', parameters: {} } });
    const result = await hybrid.climb(newSample, wholly, never());
    expect([layersOf(result)[0], result.ranAtEdge]).toEqual(['1 cloud', undefined]);
  });

  test('a wait for edge or layers can be stopped', async () => {
    const { hybrid } = loading();
    const stop = new AbortController();
    const answer = hybrid.climb(newSample, runOf(EARLY), stop.signal).catch((error: unknown) => error);
    stop.abort();
    expect(isAbort(await answer)).toBe(true);
  });
});

test('time spent waiting for files counts neither as a layer’s time nor towards the deadline', async () => {
  let clockMs = 0;
  const beforeLayer = () => {
    clockMs += 20_000;
    runtime.waitedMs += 19_997;
  };
  const prepare = () => Promise.resolve();
  const runtime = Object.assign(new FakeRuntime({ manifest, beforeLayer }), {
    waitedMs: 0,
    prepare,
    isReady: () => true,
  });
  const heldStates = new HeldStates(2 ** 20);
  const hybrid = new HybridTier({
    manifest,
    runtime,
    heldStates,
    schedule: atOnce,
    edge: undefined,
    now: () => clockMs,
  });
  const { steps, totalMs } = await hybrid.climb(newSample, runOf(), never());
  expect(steps.map(({ computeMs }) => computeMs)).toEqual(new Array(12).fill(3));
  expect(totalMs).toBe(240_000);
});

describe('a policy that chooses a tier by the text', () => {
  const at = (first: number) => [first, ...new Array<number>(7).fill(0)];
  /** Sample 7 is nearest to the moderate ones, sample 1 to the easy ones. */
  const dimee = { centroids: [at(1), at(7), at(4)], shares: [0.5, 0.3, 0.2] };
  const { policyFiles } = fakeModelWithPolicyFiles(fakePolicyData({ pools: { dimee, dimecDc: dimee } }));
  const byPools = runOf({ policy: { id: 'dimee-pools', parameters: {} } });
  const easySample = { ...newSample, sampleKey: 'key-1', texts: ['sample 1'] } as const;
  const upTo = (last: number, tier: string) => Array.from({ length: last }, (_, index) => `${index + 1} ${tier}`);

  test('runs a sample of this tier here and sends another whole, and tells how far both were from the pools', async () => {
    const edge = fakeEdge();
    const { hybrid } = hybridWith(edge, {}, policyFiles);
    const [here, there] = [
      await hybrid.climb(easySample, byPools, never()),
      await hybrid.climb(newSample, byPools, never()),
    ];
    expect([layersOf(here), layersOf(there)]).toEqual([upTo(4, 'mobile'), upTo(8, 'edge')]);
    expect([here.distances?.dimee, there.distances?.dimee]).toEqual([
      [0, 6, 3],
      [6, 0, 3],
    ]);
    expect(edge.requests).toMatchObject([{ input: { kind: 'text' }, policy: { id: 'all-edge', parameters: {} } }]);
  });

  test('starts from the text of a known sample, too', async () => {
    const edge = fakeEdge();
    const { hybrid, runtime } = hybridWith(edge, {}, policyFiles);
    const first = await hybrid.climb(newSample, runOf({}, { mobileThreshold: 0 }), never());
    const second = await hybrid.climb(grown(newSample, first), byPools, never());
    expect(second).toMatchObject({ stepsAfter: 0, distances: { dimee: [6, 0, 3] } });
    expect(layersOf(second)).toEqual(upTo(8, 'edge'));
    expect(runtime.samplesEmbedded).toHaveLength(2);
  });

  test('a late edge is asked again; without one all of the sample’s layers run here, for known samples too', async () => {
    const edge = fakeEdge();
    edge.failures.push(new DimeeError('DEADLINE_EXCEEDED', 'Too late.', { retryable: true }));
    const { hybrid } = hybridWith(edge, {}, policyFiles);
    const first = await hybrid.climb(newSample, runOf({}, { mobileThreshold: 0 }), never());
    const late = await hybrid.climb(grown(newSample, first), byPools, never());
    expect([layersOf(late), late.ranLocally, edge.requests.length]).toEqual([upTo(8, 'edge'), undefined, 2]);
    edge.failures.push(new DimeeError('TIER_UNAVAILABLE', 'Gone.', { retryable: true }));
    const alone = await hybrid.climb(grown(newSample, first), byPools, never());
    expect(layersOf(alone)).toEqual(upTo(8, 'mobile'));
    expect(alone.ranLocally).toMatch(/^Gone, so/);
  });
});

describe('distances to the pools', () => {
  const at = (first: number) => [first, ...new Array<number>(7).fill(0)];
  const pools = { centroids: [at(1), at(7), at(4)], shares: [0.5, 0.3, 0.2] };
  const { policyFiles } = fakeModelWithPolicyFiles(fakePolicyData({ pools: { dimee: pools, dimecDc: pools } }));

  test('come with every answer of a run that asks for them, whatever its policy and wherever it was answered', async () => {
    const run = runOf({ measurePools: true });
    const edge = fakeEdge();
    const { hybrid } = hybridWith(edge, {}, policyFiles);
    expect((await hybrid.climb(newSample, run, never())).distances?.dimee).toEqual([6, 0, 3]);
    edge.failures.push(new DimeeError('TIER_UNAVAILABLE', 'Gone.', { retryable: true }));
    const alone = await hybrid.climb({ ...newSample, sampleKey: 'other' }, run, never());
    expect(alone).toMatchObject({ ranLocally: expect.any(String), distances: { dimecDc: [6, 0, 3] } });
  });

  test('do not where nobody asks, and a sample is answered where the model has none or they cannot be read', async () => {
    const without = hybridWith(fakeEdge());
    expect((await without.hybrid.climb(newSample, runOf({ measurePools: true }), never())).distances).toBeUndefined();
    const { hybrid } = hybridWith(fakeEdge(), {}, policyFiles);
    expect((await hybrid.climb(newSample, runOf(), never())).distances).toBeUndefined();
    const damaged = hybridWith(fakeEdge(), {}, fakeModelWithPolicyFiles('no numbers').policyFiles);
    const answer = await damaged.hybrid.climb(newSample, runOf({ measurePools: true }), never());
    expect([answer.steps.length, answer.distances]).toEqual([12, undefined]);
  });
});

describe('an answer that a farther tier refines', () => {
  const { policyFiles } = fakeModelWithPolicyFiles();
  const fusing = (mobileThreshold: number) => runOf({ policy: { id: 'fusion', parameters: { mobileThreshold } } });

  test('is told before that tier has been asked', async () => {
    const { infer } = fakeEdge({}, policyFiles);
    const order: string[] = [];
    const edge: Tier = { infer: (...asked) => (order.push('asked'), infer(...asked)) };
    const { hybrid } = hybridWith(edge, {}, policyFiles);
    const told: (readonly (readonly number[])[])[] = [];
    const provisional = (logits: (typeof told)[number]) => (order.push('told'), told.push(logits));
    const result = await hybrid.climb(newSample, fusing(1), never(), { provisional });
    expect([...order, result.ranLocally]).toEqual(['told', 'asked', undefined]);
    expect(told).toEqual([result.steps.slice(0, 4).map(({ logits }) => logits)]);
  });

  test('is not told where the sample leaves here, nor under a policy that answers once', async () => {
    const { hybrid } = hybridWith(fakeEdge({}, policyFiles), {}, policyFiles);
    let told = 0;
    const listener = { provisional: () => told++ };
    await hybrid.climb(newSample, fusing(0), never(), listener);
    await hybrid.climb({ ...newSample, sampleKey: 'other' }, runOf(), never(), listener);
    expect(told).toBe(0);
  });
});

describe('what a sample’s time went to', () => {
  const wallOf = async (climb: () => Promise<SampleResult>) => {
    const startedAt = now();
    const result = await climb();
    return { result, wallMs: now() - startedAt };
  };

  test('is told in spans that fill its time, and no more than that', async () => {
    const slow = { beforeLayer: () => new Promise((resolve) => setTimeout(resolve, 1)) };
    const { hybrid } = hybridWith(fakeEdge(slow), slow);
    const { result, wallMs } = await wallOf(() => hybrid.climb(newSample, runOf(), never()));
    const spans = spansOf(result);
    const sum = spans.reduce((total, { durationMs }) => total + durationMs, 0);
    expect(sum).toBeLessThanOrEqual(wallMs);
    expect(sum).toBeCloseTo(result.totalMs, 6);
    expect(Math.min(...spans.map(({ durationMs }) => durationMs))).toBeGreaterThan(0);
    expect(spans.filter(({ name }) => name === 'layer').map(({ layer }) => layer)).toEqual(layersUpTo(12));
  });

  test('begins here also where the edge ran this tier’s layers', async () => {
    const { hybrid, runtime } = hybridWith(fakeEdge());
    runtime.embed = () => Promise.reject(new DimeeError('MODEL_UNAVAILABLE', 'No embeddings.'));
    const { stays } = await hybrid.climb(newSample, runOf(), never());
    expect(stays?.map(({ tier }) => tier)).toEqual(['mobile', 'edge', 'cloud']);
  });
});
