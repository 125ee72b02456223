import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import { hasCode } from '../errors';
import { findExit, type Decision } from '../policies/decision';
import { LoopbackTier } from '../protocol/loopback-tier';
import { saturationOf } from '../ladder/saturation';
import { type Plan, stretchesOf, TIERS, toLayer } from '../layers';
import { taskExits, taskOf } from '../model/manifest';
import { PAYLOAD_DTYPES } from '../payload/dtypes';
import { measureDistances } from '../policies/pool-distances';
import { ALL_FITTED, policyDataOf } from '../policies/needs';
import {
  type ParameterSpec,
  parametersOf,
  POLICIES,
  type Policy,
  policyById,
  type PolicyParameters,
  resolvePolicy,
} from '../policies';
import { fakeLadder, fakeRequest } from '../testing/fake-ladder';
import { fakeManifest } from '../testing/fake-manifest';
import { fakeModelWithPolicyFiles } from '../testing/fake-policy-files';
import { FakeRuntime, fakeState } from '../testing/fake-runtime';
import { type Random, randomInt, randomItem, randomLogits, seededRandom } from '../testing/random';
import { calibrateTrace, RecordedExit } from './calibrated-trace';
import { evaluate } from './evaluate';
import { replay, scoreKey, scoreTrace } from './replay';
import { decodeTrace, type Trace } from './trace-file';
import { encodeTrace } from './trace-writer';

const plan = { mobileLayers: 4, edgeLayers: 8 };

/** A trace of the fake model’s `sst2`; `logits[row][layer − 1]` are the two raw logits. */
function traceOf(logits: readonly (readonly (readonly number[])[])[]): Trace {
  const rows = logits.length;
  return {
    ...{
      task: 'sst2',
      split: 'dev',
      model: 'fake',
      rows,
      layers: logits[0]?.length ?? 0,
      classes: 2,
      isLabelled: true,
    },
    logits: Float32Array.from(logits.flat(2)),
    gold: new Uint8Array(rows),
    tokens: new Uint16Array(rows).fill(4),
  };
}

function exitLayers(trace: Trace, id: string, parameters: PolicyParameters, chosen: Plan = plan): number[] {
  const { policy, parameters: complete } = resolvePolicy({ id, parameters }, 12);
  const stretches = stretchesOf(policy.route, chosen, trace.layers);
  const { temperatures } = taskOf(fakeManifest({ layers: trace.layers }), 'sst2');
  const decision = { policy, parameters: complete, stretches };
  return [...replay(scoreTrace(calibrateTrace(trace, temperatures), decision), decision)];
}

describe('a calibrated trace', () => {
  const trace = traceOf([
    [
      [0, Math.log(3)],
      [1, 1],
    ],
    [
      [5, 0],
      [0, Math.log(9)],
    ],
  ]);
  const byConfidence = { policy: policyById('confidence'), parameters: {} };

  test('is scored by row and layer, with its labels and gold labels', () => {
    const { rows, layers, scores, labels, gold } = scoreTrace(calibrateTrace(trace, [1, 1]), byConfidence);
    expect({ rows, layers, labels: [...labels], gold: [...gold] }).toEqual({
      ...{ rows: 2, layers: 2 },
      ...{ labels: [1, 0, 0, 1], gold: [0, 0] },
    });
    const expected = [0.75, 0.5, 1 / (1 + Math.exp(-5)), 0.9];
    expect([...scores]).toEqual(expected.map((score) => expect.closeTo(score, 6)));
  });

  test('has each exit calibrated with its temperature', () => {
    const { scores } = scoreTrace(calibrateTrace(trace, [1, 2]), byConfidence);
    expect([...scores].slice(2)).toEqual([expect.closeTo(1 / (1 + Math.exp(-5)), 6), expect.closeTo(0.75, 6)]);
  });

  test('has the exits that the live ladder would see, to the last bit', () => {
    const random = seededRandom(14);
    const logits = Array.from({ length: 12 }, () => randomLogits(random, 2));
    const { temperatures } = { temperatures: Array.from({ length: 12 }, () => 0.5 + random()) };
    const saturation = Float32Array.from({ length: 12 }, random);
    const calibrated = calibrateTrace({ ...traceOf([logits]), saturation }, temperatures);
    const task = { ...taskOf(fakeManifest(), 'sst2'), temperatures };
    const recorded = logits.map((_, index) => {
      const { layer, logits, probabilities, label, confidence, saturation } = new RecordedExit(calibrated, index);
      return { layer, logits, probabilities, label, confidence, saturation };
    });
    expect(recorded).toEqual(
      taskExits(task, logits).map((exit, index) => ({ ...exit, saturation: saturation[index] })),
    );
  });

  test.each([
    ['saturation', 'hidden states from layer to layer'],
    ['quota', 'numbers fitted on the calibration split'],
    ['risk-controlled', 'a recorded calibration split'],
  ])('cannot be scored by %s without what that needs, and says so', (id, missing) => {
    const score = () => scoreTrace(calibrateTrace(trace, [1, 1]), { policy: policyById(id), parameters: {} });
    expect(score).toThrow(expect.toSatisfy((error) => hasCode(error, 'BAD_INPUT')));
    expect(score).toThrow(missing);
  });

  test('needs new scores where a parameter shapes them, and for no other', () => {
    const keyOf = (parameters: PolicyParameters) =>
      scoreKey({
        policy: policyById('patient-and-confident'),
        parameters: { patience: 2, threshold: 0.9, ...parameters },
      });
    expect(keyOf({ threshold: 0.5 })).toBe(keyOf({}));
    expect(keyOf({ patience: 3 })).not.toBe(keyOf({}));
    expect(scoreKey(byConfidence)).not.toBe(scoreKey({ policy: policyById('quota'), parameters: {} }));
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

describe('a replayed trace leaves where the live ladder leaves, step for step', async () => {
  const rows = 40;
  const random = seededRandom(13);
  const { manifest, policyFiles } = fakeModelWithPolicyFiles();
  const task = taskOf(manifest, 'sst2');
  const logits = Array.from({ length: rows }, () => Array.from({ length: 12 }, () => randomLogits(random, 2, 2)));
  /** Not rounded to float16 as in a file. */
  const saturation = Float32Array.from({ length: rows * 12 }, (_, index) => {
    const [row, layer] = [Math.floor(index / 12), (index % 12) + 1];
    return saturationOf(fakeState(manifest, row, toLayer(layer - 1)), fakeState(manifest, row, toLayer(layer)));
  });
  const fitted = await policyFiles.fittedFor(ALL_FITTED, 'sst2');
  const distances = Array.from({ length: rows }, (_, row) =>
    measureDistances(fakeState(manifest, row, toLayer(0)), policyDataOf(fitted)),
  );
  const trace = {
    ...{ ...decodeTrace(encodeTrace(traceOf(logits))), saturation },
    poolDistances: Float32Array.from(distances.flatMap(({ dimee = [] }) => Array.from(dimee))),
    dynamicsDistances: Float32Array.from(distances.flatMap(({ dimecDc = [] }) => Array.from(dimecDc))),
  };
  const calibrated = calibrateTrace(trace, task.temperatures);

  function chain() {
    const now = () => performance.now();
    const runtime = new FakeRuntime({
      manifest,
      logits: (sample, layer) => [...(logits[sample]?.[layer - 1] ?? []), 0, 0, 0],
    });
    const shared = { manifest, runtime, policyFiles };
    const cloud = fakeLadder({ name: 'cloud', ...shared });
    const toCloud = new LoopbackTier({ from: 'edge', to: 'cloud', tier: cloud, now });
    const edge = fakeLadder({ name: 'edge', ...shared, upstream: toCloud });
    const toEdge = new LoopbackTier({ from: 'mobile', to: 'edge', tier: edge, now });
    return fakeLadder({ name: 'mobile', ...shared, upstream: toEdge });
  }

  const live = POLICIES.filter((policy) => !policy.needs.includes('gold'));
  test.each(live.map((policy) => [policy.id, policy] as const))('under %s', async (_, policy) => {
    const depths = new Set<number>();
    /** Samples that were answered otherwise than the exit says at which they left. */
    let refined = 0;
    for (let round = 0; round < 6; round++) {
      const mobileLayers = randomInt(random, 1, 12);
      const chosen = { mobileLayers, edgeLayers: randomInt(random, mobileLayers, 12) };
      const parameters = randomParameters(random, policy);
      const stretches = stretchesOf(policy.route, chosen, 12);
      const decision: Decision = { policy, parameters, stretches, fitted };
      const { exitLayers: replayed, labels, tiers } = evaluate(calibrated, decision, DEFAULT_COSTS);
      const ladder = chain();
      // A payload that rounds the hidden state also turns it.
      const payloadDtype = policy.needs.includes('saturation') ? 'float32' : randomItem(random, PAYLOAD_DTYPES);
      for (let row = 0; row < rows; row++) {
        const request = fakeRequest({
          ...{ sampleKey: `sample-${row}`, policy: { id: policy.id, parameters }, plan: chosen, payloadDtype },
          ...{ rowSeed: row, input: { kind: 'text', texts: [`sample ${row}`] } },
        });
        const result = await ladder.infer(request, new AbortController().signal);
        const { steps } = result;
        const expected = logits[row]?.slice(0, replayed[row]);
        expect(steps.map((step) => step.logits)).toEqual(expected);
        expect(steps.map((step) => step.layer)).toEqual(expected?.map((_, index) => index + 1));
        const exits = taskExits(task, logits[row] ?? []).map((exit, index) => ({
          ...exit,
          saturation: saturation[row * 12 + index],
        }));
        expect(steps.at(-1)?.tier).toBe(TIERS[tiers[row] ?? 0]);
        const exit = findExit(exits, decision, { rowSeed: row, distances: result.distances });
        expect([exit?.layer, exit?.label]).toEqual([replayed[row], labels[row]]);
        depths.add(replayed[row] ?? 0);
        if (exit?.label !== exits[(exit?.layer ?? 0) - 1]?.label) refined++;
      }
    }
    expect(depths.size).toBeGreaterThan(policy.route === 'cascade' ? 2 : 0);
    if (policy.predict) expect(refined).toBeGreaterThan(0);
  });

  function randomParameters(random: Random, policy: Policy): PolicyParameters {
    // The fake's layers hardly turn its hidden states.
    const least = policy.needs.includes('saturation') ? 0.97 : Number.NEGATIVE_INFINITY;
    const draw = ({ min, max, step }: ParameterSpec) =>
      Math.max(min + step * randomInt(random, 0, Math.round((max - min) / step)), least);
    return Object.fromEntries(parametersOf(policy, 12).map((spec) => [spec.id, Math.min(draw(spec), spec.max)]));
  }
});
