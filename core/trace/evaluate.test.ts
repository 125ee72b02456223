import { describe, expect, test } from 'vitest';
import { costAt, DEFAULT_COSTS } from '../cost';
import { type Plan, stretchesOf, TIERS, toLayer } from '../layers';
import { type PolicyParameters, resolvePolicy } from '../policies';
import { traceOf } from '../testing/online';
import { calibrationWith } from '../testing/calibration-exits';
import { fakePolicyData } from '../testing/fake-policy-files';
import { randomInt, seededRandom } from '../testing/random';
import { evaluate, evaluateAll } from './evaluate';

const plan = { mobileLayers: 2, edgeLayers: 3 };

function decisionFor(id: string, parameters: PolicyParameters = {}, chosen: Plan = plan, layers = 4) {
  const { policy, parameters: complete } = resolvePolicy({ id, parameters }, 12);
  return { policy, parameters: complete, stretches: stretchesOf(policy.route, chosen, layers) };
}

describe('by hand', () => {
  // Class 0 is right everywhere; a wrong exit names class 1.
  const trace = traceOf([
    { confidences: [0.95, 0.95, 0.95, 0.95] },
    { confidences: [0.6, 0.6, 0.92, 0.95], right: [false, false, false, true] },
    { confidences: [0.6, 0.6, 0.6, 0.7], right: [true, true, true, false] },
  ]);

  test('every row has the layer it left at, its label, its tier and its cost', () => {
    const { exitLayers, labels, tiers, costs } = evaluate(trace, decisionFor('confidence'), DEFAULT_COSTS);
    expect([...exitLayers]).toEqual([1, 3, 4]);
    expect([...labels]).toEqual([0, 1, 1]);
    expect([...tiers].map((tier) => TIERS[tier])).toEqual(['mobile', 'edge', 'cloud']);
    // 1 layer; 3 layers and the way to the edge (2); 4 layers and both ways (2 + 3).
    expect([...costs]).toEqual([1, 5, 9]);
  });

  test('summary and quality are those of the rows', () => {
    const { summary, quality } = evaluate(trace, decisionFor('confidence'), DEFAULT_COSTS);
    expect(summary).toMatchObject({
      ...{ rows: 3, exitsByLayer: [1, 0, 1, 1], exitsByTier: { mobile: 1, edge: 1, cloud: 1 } },
      ...{ meanLayers: 8 / 3, meanCost: 5, allCloudCost: 9 },
    });
    expect(quality).toEqual({ accuracy: 1 / 3, accuracyAtLastExit: 2 / 3, agreementWithLastExit: 2 / 3 });
  });

  test('a moved threshold and another parameter that shapes scores are both seen', () => {
    const layersAt = (id: string, parameters: PolicyParameters) => [
      ...evaluate(trace, decisionFor(id, parameters), DEFAULT_COSTS).exitLayers,
    ];
    expect(layersAt('confidence', { mobileThreshold: 0.5 })).toEqual([1, 1, 1]);
    expect(layersAt('confidence', {})).toEqual([1, 3, 4]);
    expect(layersAt('patient-and-confident', { patience: 1, threshold: 0.9 })).toEqual([1, 3, 4]);
    expect(layersAt('patient-and-confident', { patience: 2, threshold: 0.9 })).toEqual([2, 4, 4]);
  });
});

describe('by hand, for a policy that sends each row to a tier of its own', () => {
  const trace = traceOf([
    { confidences: [0.99, 0.99, 0.99, 0.99] },
    { confidences: [0.9, 0.9, 0.6, 0.9], right: [false, false, true, true] },
    { confidences: [0.9, 0.9, 0.9, 0.6], right: [true, true, true, false] },
    { confidences: [0.9, 0.9, 0.9, 0.6], right: [false, false, true, true] },
  ]);
  const poolDistances = Float32Array.of(1, 2, 3, 2, 1, 3, 3, 2, 1, 2, 2, 3);
  const pooled = { ...trace, trace: { ...trace.trace, poolDistances } };
  const decision = { ...decisionFor('dimee-pools'), fitted: { data: fakePolicyData() } };

  test('every row leaves at the end of its tier and pays one crossing', () => {
    const costs = { ...DEFAULT_COSTS, edgeLayer: 0.5 };
    const { exitLayers, labels, tiers, summary, quality, ...results } = evaluate(pooled, decision, costs);
    expect([...exitLayers]).toEqual([2, 3, 4, 2]);
    expect([...labels]).toEqual([0, 0, 1, 1]);
    expect([...tiers].map((tier) => TIERS[tier])).toEqual(['mobile', 'edge', 'cloud', 'mobile']);
    // 2 layers; 2 + 3 · 0.5; 5 + 4; 2 layers.
    expect([...results.costs]).toEqual([2, 3.5, 9, 2]);
    expect(results.costParts).toEqual({ mobile: 1, edge: 1.5 / 4, cloud: 1, offloading: 7 / 4 });
    expect(summary).toMatchObject({
      exitsByTier: { mobile: 2, edge: 1, cloud: 1 },
      meanCost: 16.5 / 4,
      meanLayers: 11 / 4,
    });
    expect(quality).toEqual({ accuracy: 2 / 4, accuracyAtLastExit: 3 / 4, agreementWithLastExit: 3 / 4 });
    expect(evaluateAll(pooled, [decision], costs)).toMatchObject([{ summary, quality }]);
  });

  test('is refused on a trace without distances', () => {
    expect(() => evaluate(trace, decision, DEFAULT_COSTS)).toThrow('needs distances to its pools');
  });
});

describe('by hand, for a policy that answers with more than one exit', () => {
  // Layer 2 counts as much as 3 or 4. The mobile tier's last exit is 0.9 or 0.6 sure of the wrong class.
  const fitted = { calibration: calibrationWith({ 2: [0.9, 0.6], 3: [0.6, 0.9], 4: [0.6, 0.9] }, 4) };
  const trace = traceOf([
    { confidences: [0.6, 0.9, 0.9, 0.8], right: [true, false, true, true] },
    { confidences: [0.6, 0.6, 0.9, 0.8], right: [true, false, true, true] },
  ]);
  const at = (mobileThreshold: number, edgeThreshold: number, chosen = plan) =>
    evaluate(trace, { ...decisionFor('fusion', { mobileThreshold, edgeThreshold }, chosen), fitted }, DEFAULT_COSTS);

  test('judges rows by the answer, beside the last exit alone', () => {
    const { exitLayers, labels, quality } = at(1, 1);
    expect([...exitLayers]).toEqual([4, 4]);
    // 0.1 · 0.8 against 0.9 · 0.2, and 0.4 · 0.8 against 0.6 · 0.2.
    expect([...labels]).toEqual([1, 0]);
    expect(quality).toEqual({ accuracy: 0.5, accuracyAtLastExit: 1, agreementWithLastExit: 0.5 });
  });

  test('sees another split of the layers', () => {
    expect([...at(0.8, 1).exitLayers]).toEqual([2, 4]);
    expect([...at(0.8, 1, { mobileLayers: 1, edgeLayers: 3 }).exitLayers]).toEqual([4, 4]);
    expect([...at(0.8, 0.7).exitLayers]).toEqual([2, 3]);
  });
});

test('many decisions at once come to what each alone comes to', () => {
  const random = seededRandom(31);
  const confidences = () => Array.from({ length: 12 }, () => 0.5 + random() / 2);
  const right = () => Array.from({ length: 12 }, () => random() < 0.8);
  const trace = traceOf(Array.from({ length: 80 }, () => ({ confidences: confidences(), right: right() })));
  const decisions = Array.from({ length: 30 }, (_, step) => {
    const mobileLayers = randomInt(random, 1, 12);
    const chosen = { mobileLayers, edgeLayers: randomInt(random, mobileLayers, 12) };
    return decisionFor(step % 3 ? 'confidence' : 'margin', { mobileThreshold: random() }, chosen, 12);
  });
  const all = evaluateAll(trace, decisions, DEFAULT_COSTS);
  decisions.forEach((decision, index) => {
    const { summary, quality, costs, exitLayers } = evaluate(trace, decision, DEFAULT_COSTS);
    expect(all[index]).toEqual({ summary, quality });
    expect([...costs]).toEqual(
      [...exitLayers].map((layer) => costAt(toLayer(layer), decision.stretches, DEFAULT_COSTS)),
    );
  });
});
