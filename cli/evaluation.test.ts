import { describe, expect, test } from 'vitest';
import { toLayer } from '../core/layers';
import { encodeHiddenState } from '../core/payload/payload';
import { fakeCodecs } from '../core/testing/fake-codecs';
import { fakeManifest } from '../core/testing/fake-manifest';
import { fakeCalibration, fakeModelWithPolicyFiles, fakePolicyData } from '../core/testing/fake-policy-files';
import { measureDistances } from '../core/policies/pool-distances';
import { FakeRuntime, fakeState, logitsOfConfidence } from '../core/testing/fake-runtime';
import { Evaluation, type EvaluationOptions } from './evaluation';

const manifest = fakeManifest();
const HIDDEN_STATE_BYTES = 32 + 4 * (8 + 4);
const coded96 = await fakeCodecs(manifest).dtypeAfter(toLayer(4), 'coded96');
const CODED_BYTES = 32 + encodeHiddenState(fakeState(manifest, 1, toLayer(4)), coded96).length;

function evaluate(options: Partial<EvaluationOptions>, confidences: readonly number[] = []) {
  const runtime = new FakeRuntime({ manifest, logits: logitsOfConfidence(confidences) });
  const policy = { id: 'confidence', parameters: { mobileThreshold: 0.9, edgeThreshold: 0.9, cloudThreshold: 0.9 } };
  const plan = { mobileLayers: 2, edgeLayers: 4 };
  const evaluation = new Evaluation({
    ...{
      manifest,
      codecs: fakeCodecs(manifest),
      runtime,
      edge: undefined,
      task: 'sst2',
      policy,
      plan,
      payload: 'int8',
    },
    ...options,
  });
  return { outcome: evaluation.run(['sample 1']), runtime };
}

describe('Evaluation', () => {
  test('takes a sample to its exit on the mobile tier, and from there to the last exit', async () => {
    const { outcome, runtime } = evaluate({}, [0.6, 0.95, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.3]);
    expect(await outcome).toMatchObject({
      tier: 'mobile',
      exit: { layer: 2, label: 0 },
      lastExit: { layer: 12, label: 1 },
    });
    expect(await outcome).toMatchObject({ bytesUp: 0, bytesDown: 0, latencyMs: expect.any(Number) });
    expect(runtime.layersRun).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test.each([
    ['edge', 3, [0.6, 0.6, 0.95]],
    ['cloud', 6, [0.6, 0.6, 0.6, 0.6, 0.6, 0.95]],
    ['cloud', 12, []],
  ] as const)(
    'counts the bytes of the first crossing for one that leaves on the %s at layer %i',
    async (tier, layer, p) => {
      const { outcome, runtime } = evaluate({}, p);
      expect(await outcome).toMatchObject({
        tier,
        exit: { layer },
        lastExit: { layer: 12 },
        bytesUp: HIDDEN_STATE_BYTES,
      });
      const again = Array.from({ length: 10 }, (_, index) => index + 3);
      expect(runtime.layersRun).toEqual([...Array.from({ length: layer }, (_, index) => index + 1), ...again]);
    },
  );

  test.each([
    ['coded96', 4, CODED_BYTES],
    ['coded96', 2, HIDDEN_STATE_BYTES],
    ['int4', 2, 32 + 4 * (2 + 4)],
  ] as const)('counts the bytes of %s after layer %i', async (payload, mobileLayers, bytesUp) => {
    const { outcome } = evaluate({ payload, plan: { mobileLayers, edgeLayers: 8 } });
    expect(await outcome).toMatchObject({ tier: 'cloud', bytesUp });
  });

  test('starts from the text for a policy that sends it whole to a tier', async () => {
    const { outcome } = evaluate({ policy: { id: 'all-edge', parameters: {} } });
    expect(await outcome).toMatchObject({ tier: 'edge', exit: { layer: 4 }, lastExit: { layer: 12 }, bytesUp: 8 });
  });

  test('sends a sample whole to the tier of its nearest pool, and costs that tier’s layers and one crossing', async () => {
    const at = (first: number) => [first, ...new Array<number>(7).fill(0)];
    // Sample 1 is nearest to the moderate ones.
    const dimee = { centroids: [at(6), at(1), at(3)], shares: [0.5, 0.3, 0.2] };
    const fitted = fakePolicyData({ pools: { dimee, dimecDc: dimee } });
    const { manifest, policyFiles } = fakeModelWithPolicyFiles(fitted);
    const { outcome } = evaluate({ manifest, policyFiles, policy: { id: 'dimee-pools', parameters: {} } });
    expect(await outcome).toMatchObject({
      tier: 'edge',
      exit: { layer: 4 },
      lastExit: { layer: 12 },
      bytesUp: 8,
      cost: 6,
    });
  });

  test('answers with the exits of several tiers where the policy does', async () => {
    // On two rows of calibration, layers 2 and 4 are as good as each other, so that each counts a half.
    const logits = new Float32Array(2 * 12 * 2);
    for (const [row, layer, p] of [
      [0, 2, 0.9],
      [0, 4, 0.6],
      [1, 2, 0.6],
      [1, 4, 0.9],
    ] as const) {
      logits[(row * 12 + layer - 1) * 2] = Math.log(p / (1 - p));
    }
    const { manifest, policyFiles } = fakeModelWithPolicyFiles(undefined, { ...fakeCalibration(2), logits });
    const policy = { id: 'fusion', parameters: { mobileThreshold: 0.9, edgeThreshold: 0.6 } };
    const { outcome } = evaluate({ manifest, policyFiles, policy }, [0.5, 0.8, 0.5, 0.4]);
    // Log-odds of ln 4 and −ln 1.5, halved.
    const odds = Math.sqrt(4 / 1.5);
    const exit = { layer: 4, label: 0, confidence: expect.closeTo(odds / (1 + odds), 6) };
    expect(await outcome).toMatchObject({ tier: 'edge', exit, cost: 6 });
  });

  test('takes a sample through every exit without a crossing, and measures its distances to the pools', async () => {
    const { manifest, policyFiles } = fakeModelWithPolicyFiles();
    const runtime = new FakeRuntime({ manifest, logits: logitsOfConfidence([0.99]) });
    const options = { manifest, policyFiles, runtime, edge: undefined, task: 'sst2', payload: 'int4' } as const;
    const evaluation = new Evaluation({
      ...{ ...options, codecs: fakeCodecs(manifest), policy: { id: 'splitee', parameters: {} } },
      plan: { mobileLayers: 2, edgeLayers: 4 },
    });
    const { steps, crossings, distances } = await evaluation.everyExit(['sample 1']);
    expect(steps.map(({ layer }) => layer)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(steps.every(({ saturation }) => saturation !== undefined)).toBe(true);
    expect(crossings).toEqual([]);
    const { data } = await policyFiles.fittedFor({ needs: ['policyData'] }, 'sst2');
    if (!data) throw new Error('The fake model brings policy data.');
    expect(distances).toEqual(measureDistances(await runtime.embed(await runtime.tokenize(['sample 1'])), data));
  });

  test('needs no further layer for one that reaches the last on the mobile tier', async () => {
    const { outcome, runtime } = evaluate({ plan: { mobileLayers: 12, edgeLayers: 12 } });
    expect(await outcome).toMatchObject({ tier: 'mobile', exit: { layer: 12 }, lastExit: { layer: 12 } });
    expect(runtime.layersRun).toHaveLength(12);
  });
});
