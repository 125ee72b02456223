import { describe, expect, test } from 'vitest';
import { exitLayer, exitsWith, randomExits, scoresOf, sure } from '../testing/exits';
import { calibrationWith } from '../testing/calibration-exits';
import { fakePolicyData } from '../testing/fake-policy-files';
import { seededRandom } from '../testing/random';
import { fitOffset } from '../numbers/logistic';
import type { Fitted } from './fitted';
import type { PolicyData } from './policy-data';

const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));
const everywhere = (loss: PolicyData['expectedLosses'][number]) => ({
  data: fakePolicyData({ expectedLosses: new Array<typeof loss>(11).fill(loss) }),
});

describe('expected loss, class by class', () => {
  // The right class is the first. Exit 1 gives one row to it, which stays, and two to the second, which the last exit mends.
  const fitted: Fitted = {
    ...everywhere({ changes: { weight: -1, bias: 0 }, lastIsRight: { weight: 0, bias: 1 } }),
    calibration: calibrationWith({ 1: [0.5001, 0.4999, 0.4999], 12: [0.9, 0.9, 0.9] }),
  };

  test('moves how often answers change to what the rows of each class say, by hand', () => {
    // All confidences are ½, so that log odds are 0 before. One row without a change: σ(c) + c = 0 at c = −0.4011. Two rows
    // that change: 2 (σ(c) − 1) + c = 0 at c = 0.6748.
    expect(fitOffset(Float64Array.of(0), Uint8Array.of(0))).toBeCloseTo(-0.4011, 4);
    expect(fitOffset(Float64Array.of(0, 0), Uint8Array.of(1, 1))).toBeCloseTo(0.6748, 4);
    const scores = [sure(0.8), sure(0.2)].map((exit) => scoresOf('class-thresholds', exitsWith(exit), fitted)[0]);
    const points = (offset: number) => 100 * sigmoid(offset - Math.log(4)) * (2 * sigmoid(1) - 1);
    expect(scores).toEqual([expect.closeTo(-points(-0.4011), 2), expect.closeTo(-points(0.6748), 2)]);
  });

  /** Line by line: of each class at each exit the least confidence that is expected to lose at most ε, then the first exit that is as sure. */
  function firstSure(exits: ReturnType<typeof randomExits>, points: number, of: Fitted): number | undefined {
    const lossAt = (layer: number, label: number, confidence: number) => {
      const before = exits.slice(0, layer - 1);
      const [other] = exits;
      const asked = { ...(other ?? {}), label, confidence } as (typeof exits)[number];
      return -(scoresOf('class-thresholds', [...before, asked], of).at(-1) ?? Number.NaN);
    };
    for (const { layer, label, confidence } of exits.slice(0, 8)) {
      let [low, high] = [0.5, 1];
      for (let halving = 0; halving < 50; halving++) {
        const middle = (low + high) / 2;
        if (lossAt(layer, label, middle) <= points) high = middle;
        else low = middle;
      }
      if (confidence >= high) return layer;
    }
    return undefined;
  }

  test('is a threshold for each class at each exit', () => {
    const random = seededRandom(12);
    const rows = Array.from({ length: 40 }, () => 0.2 + 0.7 * random());
    const of: Fitted = {
      ...everywhere({ changes: { weight: -0.8, bias: -1 }, lastIsRight: { weight: -0.1, bias: 1 } }),
      calibration: calibrationWith({ 1: rows, 2: rows.map((p) => 1 - p), 5: rows, 12: rows.map((p) => p + 0.1) }),
    };
    const layers = new Set<number | undefined>();
    for (let round = 0; round < 60; round++) {
      const exits = randomExits(random, 2);
      const found = exitLayer('class-thresholds', { mobileThreshold: 3, edgeThreshold: 3 }, exits, { fitted: of });
      const left = found !== undefined && found <= 8 ? found : undefined;
      expect(left).toBe(firstSure(exits, 3, of));
      layers.add(left);
    }
    expect(layers.size).toBeGreaterThan(3);
  });
});
