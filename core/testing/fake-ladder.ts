import { HeldStates } from '../ladder/held-states';
import { LadderTier, type LadderTierOptions, type Schedule } from '../ladder/ladder-tier';
import type { InferRequest } from '../ladder/tier';
import { fakeManifest } from './fake-manifest';
import { FakeRuntime } from './fake-runtime';

/** No queue: every job has its turn at once. */
export const atOnce: Schedule = (job) => job();

/** A ladder tier over a fake runtime, with what a test names and the rest filled in. */
export function fakeLadder(options: Pick<LadderTierOptions, 'name'> & Partial<LadderTierOptions>): LadderTier {
  const manifest = options.manifest ?? fakeManifest();
  return new LadderTier({
    manifest,
    runtime: new FakeRuntime({ manifest }),
    heldStates: new HeldStates(2 ** 20),
    schedule: atOnce,
    now: () => performance.now(),
    ...options,
  });
}

/** A new sample of `sst2` under the plan 4 + 4 + 4 and confidence thresholds that no exit but the last one passes. */
export function fakeRequest(changes: Partial<InferRequest> = {}): InferRequest {
  return {
    sampleKey: 'sample-0',
    task: 'sst2',
    policy: { id: 'confidence', parameters: { mobileThreshold: 1, edgeThreshold: 1, cloudThreshold: 1 } },
    plan: { mobileLayers: 4, edgeLayers: 8 },
    priorLogits: [],
    input: { kind: 'text', texts: ['sample 0'] },
    payloadDtype: 'float32',
    deadlineMs: 10_000,
    ...changes,
  };
}
