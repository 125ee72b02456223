import { describe, expect, test } from 'vitest';
import { findExit, type Decision } from '../ladder/decision';
import { LoopbackTier } from '../ladder/loopback-tier';
import { type Plan, stretchesOf } from '../layers';
import { taskExits, taskOf } from '../model/manifest';
import { PAYLOAD_DTYPES } from '../model/hidden-state';
import { POLICIES, type Policy, policyById, type PolicyParameters, resolvePolicy } from '../policies';
import { fakeLadder, fakeRequest } from '../testing/fake-ladder';
import { fakeManifest } from '../testing/fake-manifest';
import { FakeRuntime } from '../testing/fake-runtime';
import { type Random, randomInt, randomItem, randomLogits, seededRandom } from '../testing/random';
import { prepareTrace, replay } from './replay';
import { decodeTrace, encodeTrace, type Trace } from './trace-file';

const plan = { mobileLayers: 4, edgeLayers: 8 };

/** A trace of the fake model’s `sst2`; `logits[row][layer − 1]` are the two raw logits. */
function traceOf(logits: readonly (readonly (readonly number[])[])[]): Trace {
  const rows = logits.length;
  return {
    ...{ task: 'sst2', split: 'dev', model: 'fake', rows, layers: logits[0]?.length ?? 0, classes: 2 },
    logits: Float32Array.from(logits.flat(2)),
    gold: new Uint8Array(rows),
    tokens: new Uint16Array(rows).fill(4),
  };
}

function exitLayers(trace: Trace, id: string, parameters: PolicyParameters, chosen: Plan = plan): number[] {
  const { policy, parameters: complete } = resolvePolicy({ id, parameters });
  const stretches = stretchesOf(policy.route, chosen, trace.layers);
  const task = taskOf(fakeManifest({ layers: trace.layers }), 'sst2');
  return [...replay(prepareTrace(trace, task, policy), { policy, parameters: complete, stretches })];
}

describe('prepareTrace', () => {
  test('keeps scores, labels and gold labels by row and layer', () => {
    const trace = traceOf([
      [
        [0, Math.log(3)],
        [1, 1],
      ],
      [
        [5, 0],
        [0, 0.5],
      ],
    ]);
    const task = taskOf(fakeManifest({ layers: 2 }), 'sst2');
    const { rows, layers, scores, labels, gold } = prepareTrace(trace, task, policyById('confidence'));
    expect({ rows, layers, labels: [...labels], gold: [...gold] }).toEqual({
      ...{ rows: 2, layers: 2 },
      ...{ labels: [1, 0, 0, 1], gold: [0, 0] },
    });
    const expected = [0.75, 0.5, 1 / (1 + Math.exp(-5)), 1 / (1 + Math.exp(-0.5))];
    expect([...scores]).toEqual(expected.map((score) => expect.closeTo(score, 6)));
  });

  test('calibrates each exit with its temperature', () => {
    const trace = traceOf([
      [
        [0, Math.log(9)],
        [0, Math.log(9)],
      ],
    ]);
    const task = { ...taskOf(fakeManifest({ layers: 2 }), 'sst2'), temperatures: [1, 2] };
    const { scores } = prepareTrace(trace, task, policyById('confidence'));
    expect([...scores]).toEqual([expect.closeTo(0.9, 6), expect.closeTo(0.75, 6)]);
  });
});

describe('replay', () => {
  const sure = [3, 0]; // confidence 0.953
  const fair = [1.5, 0]; // 0.818
  const unsure = [0.5, 0]; // 0.622

  test('by hand: each tier has its own threshold and the last layer always exits', () => {
    const rows = [
      [unsure, sure, ...new Array<number[]>(10).fill(unsure)],
      [fair, fair, fair, fair, fair, ...new Array<number[]>(7).fill(unsure)],
      [...new Array<number[]>(8).fill(unsure), fair, unsure, unsure, unsure],
      new Array<number[]>(12).fill(unsure),
    ];
    const parameters = { mobileThreshold: 0.9, edgeThreshold: 0.8, cloudThreshold: 1 };
    expect(exitLayers(traceOf(rows), 'confidence', parameters)).toEqual([2, 5, 12, 12]);
    expect(exitLayers(traceOf(rows), 'confidence', { ...parameters, cloudThreshold: 0.8 })).toEqual([2, 5, 9, 12]);
    const mobileOnly = { mobileLayers: 12, edgeLayers: 12 };
    expect(exitLayers(traceOf(rows), 'confidence', parameters, mobileOnly)).toEqual([2, 12, 12, 12]);
  });

  test('by hand: the baselines leave at the last layer of their tier', () => {
    const trace = traceOf([new Array<number[]>(12).fill(sure)]);
    const layers = ['all-mobile', 'all-edge', 'all-cloud'].map((id) => exitLayers(trace, id, {})[0]);
    expect(layers).toEqual([4, 8, 12]);
  });

  test('a score at its threshold falls as it does live, not as float32 would round it', () => {
    const random = seededRandom(12);
    for (let round = 0; round < 200; round++) {
      const row = Array.from({ length: 12 }, () => randomLogits(random, 2));
      const exits = taskExits(taskOf(fakeManifest(), 'sst2'), row);
      const threshold = randomItem(random, exits).confidence;
      const parameters = { mobileThreshold: threshold, edgeThreshold: threshold, cloudThreshold: threshold };
      const live = exits.find((exit) => exit.confidence >= threshold)?.layer;
      expect(exitLayers(traceOf([row]), 'confidence', parameters)).toEqual([live]);
    }
  });
});

describe('a replayed trace leaves where the live ladder leaves, step for step', () => {
  const rows = 40;
  const random = seededRandom(13);
  const manifest = fakeManifest();
  const task = taskOf(manifest, 'sst2');
  const logits = Array.from({ length: rows }, () => Array.from({ length: 12 }, () => randomLogits(random, 2, 2)));
  const trace = decodeTrace(encodeTrace(traceOf(logits)));

  function chain() {
    const now = () => performance.now();
    const runtime = new FakeRuntime({
      manifest,
      logits: (sample, layer) => [...(logits[sample]?.[layer - 1] ?? []), 0, 0, 0],
    });
    const cloud = fakeLadder({ name: 'cloud', manifest, runtime });
    const toCloud = new LoopbackTier({ from: 'edge', to: 'cloud', tier: cloud, now });
    const edge = fakeLadder({ name: 'edge', manifest, runtime, upstream: toCloud });
    const toEdge = new LoopbackTier({ from: 'mobile', to: 'edge', tier: edge, now });
    return fakeLadder({ name: 'mobile', manifest, runtime, upstream: toEdge });
  }

  test.each(POLICIES.map((policy) => [policy.id, policy] as const))('under %s', async (_, policy) => {
    for (let round = 0; round < 6; round++) {
      const mobileLayers = randomInt(random, 1, 12);
      const chosen = { mobileLayers, edgeLayers: randomInt(random, mobileLayers, 12) };
      const parameters = randomParameters(random, policy);
      const decision: Decision = { policy, parameters, stretches: stretchesOf(policy.route, chosen, 12) };
      const replayed = replay(prepareTrace(trace, task, policy), decision);
      const ladder = chain();
      const payloadDtype = randomItem(random, PAYLOAD_DTYPES);
      for (let row = 0; row < rows; row++) {
        const request = fakeRequest({
          ...{ sampleKey: `sample-${row}`, policy: { id: policy.id, parameters }, plan: chosen, payloadDtype },
          input: { kind: 'text', texts: [`sample ${row}`] },
        });
        const { steps } = await ladder.infer(request, new AbortController().signal);
        const expected = logits[row]?.slice(0, replayed[row]);
        expect(steps.map((step) => step.logits)).toEqual(expected);
        expect(steps.map((step) => step.layer)).toEqual(expected?.map((_, index) => index + 1));
        expect(findExit(taskExits(task, logits[row] ?? []), decision)?.layer).toBe(replayed[row]);
      }
    }
  });

  function randomParameters(random: Random, policy: Policy): PolicyParameters {
    const draw = ({ min, max, step }: Policy['parameters'][number]) =>
      min + step * randomInt(random, 0, Math.round((max - min) / step));
    return Object.fromEntries(policy.parameters.map((spec) => [spec.id, Math.min(draw(spec), spec.max)]));
  }
});
