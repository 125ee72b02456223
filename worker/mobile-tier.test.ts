import { afterEach, describe, expect, test, vi } from 'vitest';
import { DimeeError } from '../core/errors';
import { LoopbackTier } from '../core/protocol/loopback-tier';
import { StateCodecs } from '../core/payload/state-codecs';
import type { PolicyFiles } from '../core/trace/policy-files';
import { decodeTensorFrame } from '../core/protocol/tensor-frame';
import { fakeCodecs } from '../core/testing/fake-codecs';
import { fakeLadder } from '../core/testing/fake-ladder';
import { fakeManifest } from '../core/testing/fake-manifest';
import { fakeModelWithPolicyFiles } from '../core/testing/fake-policy-files';
import { FakeRuntime, type FakeRuntimeOptions } from '../core/testing/fake-runtime';
import { joinEnds } from '../core/testing/join-ends';
import { fakeNetwork } from '../core/testing/socket-pair';
import { gate } from '../core/testing/tier-suite';
import type { LoadMessage, RunMessage, WorkerMessage } from '../core/protocol/page-messages';
import { MobileTier } from './mobile-tier';

const manifest = fakeManifest();
const now = () => performance.now();
const EDGE = 'ws://edge/v1/tier';
const loadMessage: LoadMessage = {
  type: 'load',
  manifestUrl: 'http://host/models/fake/manifest.json',
  edgeUrl: undefined,
  backend: 'auto',
  variant: 'auto',
  mobileLayers: 4,
};

const readCodecs = fakeCodecs(manifest);
await readCodecs.loadAll();

const gone = new DimeeError('MODEL_UNAVAILABLE', 'It is gone.');

type Hold = FakeRuntimeOptions['beforeLayer'];

interface WorldOptions {
  readonly mobile?: Hold;
  readonly edge?: Hold;
  readonly codecs?: StateCodecs;
  /** Of all tiers. */
  readonly policyFiles?: PolicyFiles;
  readonly beforeOpen?: () => Promise<void>;
  readonly beforePrepared?: (layers: number) => Promise<void>;
}

/** A mobile tier over a model without arithmetic, before a network with one edge, and all that the page hears. */
function makeWorld(options: WorldOptions = {}) {
  const { mobile, edge, codecs = fakeCodecs(manifest), policyFiles, beforeOpen, beforePrepared } = options;
  const heard: WorkerMessage[] = [];
  const runtimes: FakeRuntime[] = [];
  const disposed: number[] = [];
  const holdUp = (beforeLayer: Hold) => (beforeLayer ? { beforeLayer } : {});
  const network = fakeNetwork((socket, url) => (url === EDGE ? serve(socket) : 'refuse'));

  function serve(socket: Parameters<typeof joinEnds>[0]): undefined {
    const cloud = fakeLadder({ name: 'cloud', manifest, policyFiles });
    const upstream = new LoopbackTier({ from: 'edge', to: 'cloud', tier: cloud, now });
    const runtime = new FakeRuntime({ manifest, ...holdUp(edge) });
    const tier = fakeLadder({ name: 'edge', manifest, runtime, upstream, policyFiles });
    joinEnds(socket, { tier, codecs: readCodecs, manifest });
  }

  const tier = new MobileTier({
    post: (message) => heard.push(message),
    openModel: async ({ variant }, post) => {
      await beforeOpen?.();
      post({ type: 'backend', backend: 'wasm', variant, threads: 1, adapter: undefined, fallback: undefined });
      const index = runtimes.length;
      const fake = new FakeRuntime({ manifest, ...holdUp(mobile) });
      runtimes.push(fake);
      const prepare = (layers: number) => beforePrepared?.(layers) ?? Promise.resolve();
      const dispose = () => Promise.resolve(void disposed.push(index));
      const runtime = Object.assign(fake, { prepare, dispose, waitedMs: 0 });
      const files = policyFiles && { policyFiles };
      return { manifest, variant, codecs, ...files, runtime, progress: { flush: () => undefined } };
    },
    openSocket: network.openSocket,
    now,
  });
  const of = <Type extends WorkerMessage['type']>(type: Type) =>
    heard.filter((message): message is Extract<WorkerMessage, { type: Type }> => message.type === type);
  const finished = (runId: number) =>
    vi.waitFor(() => {
      const found = of('finished').find((message) => message.runId === runId);
      if (!found) throw new Error(`Run ${runId} is not finished.`);
      return found;
    });
  return { tier, heard, of, finished, runtimes, disposed, network };
}

afterEach(() => void vi.useRealTimers());

function runMessage(count: number, changes: Partial<RunMessage> = {}): RunMessage {
  const parameters = { mobileThreshold: 1, edgeThreshold: 1, cloudThreshold: 1 };
  return {
    type: 'run',
    runId: 1,
    task: 'sst2',
    policy: { id: 'confidence', parameters },
    plan: { mobileLayers: 4, edgeLayers: 8 },
    payloadDtype: 'float32',
    samples: Array.from({ length: count }, (_, index) => ({
      sampleKey: `key-${index}`,
      texts: [`sample ${index}`],
      priorLogits: [],
    })),
    ...changes,
  };
}

describe('a run', () => {
  test('answers every sample, in their order, and then says that it is finished', async () => {
    const { tier, of, heard, finished } = makeWorld();
    tier.load(loadMessage);
    tier.run(runMessage(20, { policy: { id: 'all-mobile', parameters: {} } }));
    expect(await finished(1)).toEqual({ type: 'finished', runId: 1, stopped: false });
    expect(of('result').map(({ sampleKey }) => sampleKey)).toEqual(
      runMessage(20).samples.map((sample) => sample.sampleKey),
    );
    expect(of('result')[0]?.result).toMatchObject({ stepsAfter: 0, ranLocally: undefined });
    expect(heard.at(-1)?.type).toBe('finished');
  });

  test('waits for a model that is still being opened, and for no more of it than it needs', async () => {
    const [opening, preparing] = [gate(), gate()];
    const { tier, of, finished } = makeWorld({
      beforeOpen: () => opening.opened,
      beforePrepared: () => preparing.opened,
    });
    tier.load(loadMessage);
    tier.run(runMessage(1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(of('result')).toEqual([]);
    opening.open();
    await finished(1);
    expect(of('result')).toHaveLength(1);
    expect(of('ready')).toEqual([]);
    preparing.open();
    await vi.waitFor(() => expect(of('ready')).toHaveLength(1));
  });

  test('goes on after a sample that fails', async () => {
    let calls = 0;
    const { tier, of, finished } = makeWorld({
      mobile: () => {
        if (++calls === 2) throw new DimeeError('MODEL_UNAVAILABLE', 'gone', { retryable: true });
      },
    });
    tier.load(loadMessage);
    tier.run(runMessage(3, { policy: { id: 'all-mobile', parameters: {} } }));
    expect(await finished(1)).toMatchObject({ stopped: false });
    expect(of('failed')).toEqual([
      {
        type: 'failed',
        runId: 1,
        sampleKey: 'key-0',
        error: { code: 'MODEL_UNAVAILABLE', message: 'gone', retryable: true, retryAfterMs: undefined },
      },
    ]);
    expect(of('result').map(({ sampleKey }) => sampleKey)).toEqual(['key-1', 'key-2']);
  });

  test('with a policy that does not exist fails sample by sample, and finishes', async () => {
    const { tier, of, finished } = makeWorld();
    tier.load(loadMessage);
    tier.run(runMessage(2, { policy: { id: 'hope', parameters: {} } }));
    await finished(1);
    expect(of('failed').map(({ error }) => error.code)).toEqual(['BAD_INPUT', 'BAD_INPUT']);
  });

  test('before any load fails, and finishes', async () => {
    const { tier, of, finished } = makeWorld();
    tier.run(runMessage(1));
    await finished(1);
    expect(of('failed').map(({ error }) => error.code)).toEqual(['MODEL_UNAVAILABLE']);
  });

  test('comes after the runs asked for before it', async () => {
    const { tier, of, finished } = makeWorld();
    tier.load(loadMessage);
    tier.run(runMessage(3));
    tier.run(runMessage(2, { runId: 2 }));
    await finished(2);
    expect(of('result').map(({ runId }) => runId)).toEqual([1, 1, 1, 2, 2]);
    expect(of('finished').map(({ runId }) => runId)).toEqual([1, 2]);
  });
});

describe('with an edge', () => {
  test('the next samples compute here while the edge works on earlier ones', async () => {
    const edgeWorks = gate();
    const { tier, of, finished, runtimes } = makeWorld({ edge: () => edgeWorks.opened });
    tier.load({ ...loadMessage, edgeUrl: EDGE });
    tier.run(runMessage(5));
    await vi.waitFor(() => expect(runtimes[0]?.layersRun).toHaveLength(5 * 4));
    expect(of('result')).toEqual([]);
    edgeWorks.open();
    await finished(1);
    expect(of('result')).toHaveLength(5);
    expect(of('result')[0]?.result.ranLocally).toBeUndefined();
  });

  test('no more than 16 samples are beyond this device at once', async () => {
    const edgeWorks = gate();
    const { tier, of, finished, runtimes } = makeWorld({ edge: () => edgeWorks.opened });
    tier.load({ ...loadMessage, edgeUrl: EDGE });
    tier.run(runMessage(40));
    await vi.waitFor(() => expect(runtimes[0]?.layersRun.length).toBeGreaterThanOrEqual(16 * 4));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(runtimes[0]?.textsRead.length).toBeLessThanOrEqual(17);
    edgeWorks.open();
    await finished(1);
    expect(of('result')).toHaveLength(40);
  });

  test('a coded payload crosses through the codec of its layer', async () => {
    const { tier, of, finished, network } = makeWorld();
    tier.load({ ...loadMessage, edgeUrl: EDGE });
    tier.run(runMessage(1, { payloadDtype: 'coded96' }));
    await finished(1);
    const result = of('result')[0]?.result;
    expect(result).toMatchObject({ ranLocally: undefined, steps: expect.objectContaining({ length: 12 }) });
    const frames = network.connections[0]?.client.sent.filter((message) => typeof message !== 'string');
    const read = frames?.map((frame) => decodeTensorFrame(frame as Uint8Array, readCodecs));
    expect(read).toMatchObject([{ dtype: readCodecs.get(4), state: { tokens: result?.tokens } }]);
  });

  test('a coded payload whose codec cannot be had is run here, and says why', async () => {
    const { tier, of, finished } = makeWorld({ codecs: new StateCodecs(manifest, () => Promise.reject(gone)) });
    tier.load({ ...loadMessage, edgeUrl: EDGE });
    tier.run(runMessage(1, { payloadDtype: 'coded96' }));
    await finished(1);
    expect(of('result')[0]?.result).toMatchObject({ steps: expect.objectContaining({ length: 12 }) });
    expect(of('result')[0]?.result.ranLocally).toBe('It is gone, so this device ran the deeper layers itself.');
  });

  test('the page hears the first answer of a sample before the one that is refined there', async () => {
    const { policyFiles } = fakeModelWithPolicyFiles();
    const { tier, of, heard, finished } = makeWorld({ policyFiles });
    tier.load({ ...loadMessage, edgeUrl: EDGE });
    tier.run(runMessage(1, { policy: { id: 'fusion', parameters: { mobileThreshold: 1, edgeThreshold: 1 } } }));
    await finished(1);
    const types = heard.map(({ type }) => type).filter((type) => type === 'provisional' || type === 'result');
    expect(types).toEqual(['provisional', 'result']);
    const result = of('result')[0]?.result;
    const logits = result?.steps.slice(0, 4).map((step) => step.logits);
    expect(of('provisional')).toEqual([{ type: 'provisional', runId: 1, sampleKey: 'key-0', logits }]);
    expect(result).toMatchObject({ ranLocally: undefined, steps: expect.objectContaining({ length: 12 }) });
  });

  test('the page hears how the connection stands', async () => {
    const { tier, of } = makeWorld();
    tier.load({ ...loadMessage, edgeUrl: EDGE });
    await vi.waitFor(() => expect(of('edge').map(({ status }) => status.state)).toContain('open'));
    expect(of('edge')[0]?.status).toEqual({ state: 'connecting' });
  });

  test('that cannot be reached, everything runs here', async () => {
    vi.useFakeTimers();
    const { tier, of, finished } = makeWorld();
    tier.load({ ...loadMessage, edgeUrl: 'ws://nobody/v1/tier' });
    tier.run(runMessage(3));
    await vi.advanceTimersByTimeAsync(3000);
    await finished(1);
    expect(of('result').map(({ result }) => result.steps.length)).toEqual([12, 12, 12]);
    expect(of('result')[0]?.result.ranLocally).toMatch(/ws:\/\/nobody.* does not answer, so this device/);
  });
});

describe('stop', () => {
  test('ends a run before its next layer, and its remaining samples are not heard of', async () => {
    const { tier, of, finished, runtimes } = makeWorld({
      mobile: (layer) => {
        if (layer === 3) tier.stop(1);
      },
    });
    tier.load(loadMessage);
    tier.run(runMessage(5));
    expect(await finished(1)).toEqual({ type: 'finished', runId: 1, stopped: true });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(runtimes[0]?.layersRun).toEqual([1, 2, 3]);
    expect([...of('result'), ...of('failed')]).toEqual([]);
  });

  test('cancels what is at the edge', async () => {
    const atEdge = gate();
    const { tier, network, finished } = makeWorld({
      edge: () => {
        atEdge.open();
        return new Promise(() => undefined);
      },
    });
    tier.load({ ...loadMessage, edgeUrl: EDGE });
    tier.run(runMessage(2));
    await atEdge.opened;
    tier.stop(1);
    expect(await finished(1)).toMatchObject({ stopped: true });
    const sent = network.connections[0]?.client.sentMessages ?? [];
    expect(sent.filter(({ type }) => type === 'cancel').length).toBeGreaterThanOrEqual(1);
  });

  test('is heard at once by a run that waits for a download, and by one that waits for its turn', async () => {
    const { tier, of, finished } = makeWorld({ mobile: () => new Promise(() => undefined) });
    tier.load(loadMessage);
    tier.run(runMessage(1));
    tier.run(runMessage(1, { runId: 2 }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    tier.stop(2);
    tier.stop(1);
    expect(await finished(1)).toMatchObject({ stopped: true });
    expect(await finished(2)).toMatchObject({ stopped: true });
    expect(of('result')).toEqual([]);
  });

  test('is heard while the model is being opened; an unknown run is not minded', async () => {
    const { tier, finished } = makeWorld({ beforeOpen: () => new Promise(() => undefined) });
    tier.load(loadMessage);
    tier.run(runMessage(1));
    tier.stop(7);
    tier.stop(1);
    expect(await finished(1)).toMatchObject({ stopped: true });
  });
});

describe('load', () => {
  test('tells of a model that cannot be had, fails the runs that wait for it, and can be asked again', async () => {
    const failures = [new DimeeError('MODEL_UNAVAILABLE', 'There is no model.')];
    const { tier, of, finished } = makeWorld({
      beforeOpen: () => {
        const failure = failures.pop();
        return failure ? Promise.reject(failure) : Promise.resolve();
      },
    });
    tier.load(loadMessage);
    tier.run(runMessage(2));
    await finished(1);
    expect(of('broken').map(({ error }) => error.code)).toEqual(['MODEL_UNAVAILABLE']);
    expect(of('failed').map(({ error }) => error.message)).toEqual(['There is no model.', 'There is no model.']);
    tier.load(loadMessage);
    tier.run(runMessage(1, { runId: 2 }));
    await finished(2);
    expect(of('ready')).toHaveLength(1);
    expect(of('result')).toHaveLength(1);
  });

  test('of more mobile layers keeps the model and the states of its samples', async () => {
    const { tier, of, finished, runtimes } = makeWorld();
    tier.load(loadMessage);
    tier.run(runMessage(1, { policy: { id: 'all-mobile', parameters: {} } }));
    await finished(1);
    tier.load({ ...loadMessage, mobileLayers: 6 });
    await vi.waitFor(() => expect(of('ready')).toHaveLength(2));
    const priorLogits = of('result')[0]?.result.steps.map(({ logits }) => logits) ?? [];
    const samples = runMessage(1).samples.map((sample) => ({ ...sample, priorLogits }));
    tier.run(
      runMessage(1, {
        runId: 2,
        samples,
        policy: { id: 'all-mobile', parameters: {} },
        plan: { mobileLayers: 6, edgeLayers: 8 },
      }),
    );
    await finished(2);
    expect(of('result')[1]?.result).toMatchObject({ stepsAfter: 4 });
    expect(runtimes).toHaveLength(1);
    expect(runtimes[0]?.layersRun).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('of another variant opens a new model, and closes the old one after the runs that use it', async () => {
    const oneLayer = gate();
    const { tier, of, finished, runtimes, disposed } = makeWorld({
      mobile: (layer) => (layer === 2 ? oneLayer.opened : undefined),
    });
    tier.load(loadMessage);
    tier.run(runMessage(1));
    await vi.waitFor(() => expect(runtimes[0]?.layersRun).toEqual([1]));
    tier.load({ ...loadMessage, variant: 'fp16' });
    tier.run(runMessage(1, { runId: 2 }));
    await vi.waitFor(() => expect(of('ready')).toHaveLength(2));
    expect(disposed).toEqual([]);
    oneLayer.open();
    await finished(2);
    expect(disposed).toEqual([0]);
    expect(runtimes.map(({ layersRun }) => layersRun.length)).toEqual([12, 12]);
    expect(of('backend').map(({ variant }) => variant)).toEqual(['auto', 'fp16']);
  });

  test('a model that has been replaced before it was there is not heard of any more', async () => {
    const first = gate();
    const waits = [first.opened];
    const { tier, of } = makeWorld({ beforeOpen: () => waits.pop() ?? Promise.resolve() });
    tier.load(loadMessage);
    tier.load({ ...loadMessage, variant: 'fp16' });
    await vi.waitFor(() => expect(of('ready')).toHaveLength(1));
    first.open();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(of('backend').map(({ variant }) => variant)).toEqual(['fp16']);
    expect(of('ready')).toHaveLength(1);
  });

  test('of another edge keeps the model and connects there', async () => {
    const { tier, of, finished, runtimes, network } = makeWorld();
    tier.load(loadMessage);
    tier.run(runMessage(1));
    tier.load({ ...loadMessage, edgeUrl: EDGE });
    tier.run(runMessage(1, { runId: 2, samples: [{ sampleKey: 'other', texts: ['sample 3'], priorLogits: [] }] }));
    await finished(2);
    expect(of('result').map(({ result }) => result.ranLocally === undefined)).toEqual([false, true]);
    expect(runtimes).toHaveLength(1);
    tier.load(loadMessage);
    await vi.waitFor(() => expect(network.connections[0]?.client.closed?.code).toBe(1000));
  });
});
