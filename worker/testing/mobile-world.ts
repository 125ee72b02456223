import { vi } from 'vitest';
import { LoopbackTier } from '../../core/protocol/loopback-tier';
import type { StateCodecs } from '../../core/payload/state-codecs';
import type { PolicyFiles } from '../../core/trace/policy-files';
import { fakeCodecs } from '../../core/testing/fake-codecs';
import { fakeLadder } from '../../core/testing/fake-ladder';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { FakeRuntime, type FakeRuntimeOptions } from '../../core/testing/fake-runtime';
import { joinEnds } from '../../core/testing/join-ends';
import { fakeNetwork } from '../../core/testing/socket-pair';
import type { LoadMessage, RunMessage, WorkerMessage } from '../../core/protocol/page-messages';
import { MobileTier } from '../mobile-tier';

export const manifest = fakeManifest();
export const EDGE = 'ws://edge/v1/tier';
const now = () => performance.now();

export const loadMessage: LoadMessage = {
  type: 'load',
  manifestUrl: 'http://host/models/fake/manifest.json',
  edges: [],
  backend: 'auto',
  variant: 'auto',
  mobileLayers: 4,
};

export const readCodecs = fakeCodecs(manifest);
await readCodecs.loadAll();

type Hold = FakeRuntimeOptions['beforeLayer'];

interface WorldOptions {
  readonly mobile?: Hold;
  readonly edge?: Hold;
  readonly codecs?: StateCodecs;
  /** Of all tiers. */
  readonly policyFiles?: PolicyFiles;
  readonly beforeOpen?: () => Promise<void>;
  readonly beforePrepared?: (layers: number) => Promise<void>;
  /** Whether the mobile tier waits for nothing; by default it never does. */
  readonly areReady?: (layers: number) => boolean;
}

/** A mobile tier over a model without arithmetic, before a network with one edge, and all that the page hears. */
export function makeWorld(options: WorldOptions = {}) {
  const { mobile, edge, codecs = fakeCodecs(manifest), policyFiles, beforeOpen, beforePrepared, areReady } = options;
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
      const isReady = (layers: number) => areReady?.(layers) ?? true;
      const dispose = () => Promise.resolve(void disposed.push(index));
      const runtime = Object.assign(fake, { prepare, isReady, dispose, waitedMs: 0 });
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

export function runMessage(count: number, changes: Partial<RunMessage> = {}): RunMessage {
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
