import { describe, expect, test } from 'vitest';
import { exitsOf } from '../exits';
import { stretchesOf } from '../layers';
import { policyById } from '.';
import { type Decision, exitThresholds, findExit, leaves, usableExits } from './decision';

const plan = { mobileLayers: 4, edgeLayers: 8 };
const thresholds = { mobileThreshold: 0.9, edgeThreshold: 0.8, cloudThreshold: 0.7 };

const byConfidence: Decision = {
  policy: policyById('confidence'),
  parameters: thresholds,
  stretches: stretchesOf('cascade', plan, 12),
};
const allEdge: Decision = { policy: policyById('all-edge'), parameters: {}, stretches: stretchesOf('edge', plan, 12) };

/** Layers 1, 2, … with these confidences. */
const exits = (...confidences: number[]) =>
  exitsOf(
    confidences.map((p) => [Math.log(p / (1 - p)), 0]),
    confidences.map(() => 1),
  );

describe('exitThresholds', () => {
  test('are those of the tier that each layer belongs to, and none at the last layer', () => {
    const expected = [0.9, 0.9, 0.9, 0.9, 0.8, 0.8, 0.8, 0.8, 0.7, 0.7, 0.7, -Infinity];
    expect([...exitThresholds(byConfidence)]).toEqual(expected);
  });

  test('end with the route', () => {
    expect([...exitThresholds(allEdge)]).toEqual([...new Array<number>(7).fill(Infinity), -Infinity]);
  });
});

describe('leaves', () => {
  const leavesAt = (layer: number, confidence: number, decision: Decision) =>
    leaves(exits(...new Array<number>(layer).fill(confidence)), decision, {});

  test('asks the threshold of the tier that the layer belongs to', () => {
    expect([4, 5, 8, 9].map((layer) => leavesAt(layer, 0.85, byConfidence))).toEqual([false, true, true, true]);
    expect([4, 5, 8, 9].map((layer) => leavesAt(layer, 0.75, byConfidence))).toEqual([false, false, false, true]);
  });

  test('is true where no layer is beyond, whatever the score', () => {
    expect(leavesAt(12, 0.5, byConfidence)).toBe(true);
    expect(leavesAt(8, 0.5, allEdge)).toBe(true);
    expect(leavesAt(7, 0.999, allEdge)).toBe(false);
  });
});

describe('findExit', () => {
  test('is the first exit the decision takes', () => {
    expect(findExit(exits(0.6, 0.95, 0.99), byConfidence)?.layer).toBe(2);
  });

  test('is undefined where the sample must climb on to know', () => {
    expect(findExit(exits(0.6, 0.7), byConfidence)).toBeUndefined();
    expect(findExit([], byConfidence)).toBeUndefined();
  });

  test('is the last layer at the latest', () => {
    expect(findExit(exits(...new Array<number>(12).fill(0.6)), byConfidence)?.layer).toBe(12);
  });

  test('stops at the last layer of the route where more layers are known', () => {
    expect(findExit(exits(...new Array<number>(12).fill(0.99)), allEdge)?.layer).toBe(8);
  });

  test('scores every exit by the ones up to it', () => {
    const patience = { ...byConfidence, policy: policyById('patience'), parameters: { patience: 2 } };
    expect(findExit(exits(0.6, 0.4, 0.6, 0.6, 0.6, 0.6), patience)?.layer).toBe(5);
  });
});

describe('usableExits', () => {
  const measured = exits(0.6, 0.7, 0.8, 0.9).map((exit) => (exit.layer === 3 ? exit : { ...exit, saturation: 0.5 }));
  const layersFor = (id: string) => usableExits(measured, policyById(id)).map(({ layer }) => layer);

  test('are all of them for a policy that looks at logits alone', () => {
    expect(layersFor('confidence')).toEqual([1, 2, 3, 4]);
  });

  test('end where a layer was run without measuring what the policy needs', () => {
    expect(layersFor('saturation')).toEqual([1, 2]);
  });
});
