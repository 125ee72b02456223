import { toLayer } from '../layers';
import { errorData } from '../errors';
import { fakeLadder } from './fake-ladder';
import { fakeManifest } from './fake-manifest';
import { type FakeLogits, FakeRuntime } from './fake-runtime';
import type { LadderTierOptions } from '../ladder/ladder-tier';
import { LoopbackTier } from '../protocol/loopback-tier';
import type { InferRequest, InferResult, LayerStep, Tier } from '../ladder/tier';

export const manifest = fakeManifest();
export const never = new AbortController().signal;
const now = () => performance.now();

export const byConfidence = (mobileThreshold: number, edgeThreshold = 1, cloudThreshold = 1) => ({
  id: 'confidence',
  parameters: { mobileThreshold, edgeThreshold, cloudThreshold },
});
/** Every step of an answer, as `5 edge`. */
export const layersOf = ({ steps }: InferResult) => steps.map(({ layer, tier }) => `${layer} ${tier}`);
/** Why a request failed; undefined where it did not. */
export const failureOf = (promise: Promise<InferResult>) => promise.then(() => undefined, errorData);

/** Mobile, edge and cloud in one process, each with a runtime of its own. */
export function chain(logits: FakeLogits, mobileOptions: Partial<LadderTierOptions> = {}) {
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
export function spy(): Tier & { readonly asked: InferRequest[]; readonly signals: AbortSignal[] } {
  const [asked, signals]: [InferRequest[], AbortSignal[]] = [[], []];
  return {
    asked,
    signals,
    infer: (request, signal) => {
      asked.push(request);
      signals.push(signal);
      const step: LayerStep = {
        layer: toLayer(request.priorLogits.length + 1),
        tier: 'edge',
        logits: [0, 0],
        computeMs: 1,
      };
      const hop = {
        from: 'edge',
        to: 'cloud',
        afterLayer: toLayer(8),
        bytesUp: 1,
        bytesDown: 2,
        roundTripMs: 3,
      } as const;
      return Promise.resolve({ tokens: 99, steps: [step], crossings: [hop], queueMs: 5 });
    },
  };
}

/** A clock that only the test moves. */
export function clockOf(start = 1000) {
  const clock = { time: start, now: () => clock.time };
  return clock;
}
