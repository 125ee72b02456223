import { describe, expect, it } from 'vitest';
import { seededRandom } from '../testing/random';
import { calibrateTrace } from '../trace/calibrated-trace';
import { reliability, reliabilityOf } from './reliability';

describe('reliability by hand', () => {
  // Ten bins: 0.62 and 0.68 fall in the seventh, 0.95 and 1 in the tenth, 0.7 begins the eighth.
  const confidences = Float64Array.of(0.62, 0.68, 0.7, 0.95, 1);
  const { bins, ece, meanConfidence, gap } = reliability(confidences, Uint8Array.of(1, 0, 1, 1, 1), 10);

  it('puts rows into bins of equal width, and confidence 1 into the last', () => {
    expect(bins.map(({ rows }) => rows)).toEqual([0, 0, 0, 0, 0, 0, 2, 1, 0, 2]);
    expect(bins[6]).toEqual({ rows: 2, meanConfidence: expect.closeTo(0.65, 12), accuracy: 0.5 });
    expect(bins[7]).toEqual({ rows: 1, meanConfidence: 0.7, accuracy: 1 });
    expect(bins[9]).toEqual({ rows: 2, meanConfidence: 0.975, accuracy: 1 });
    expect(bins[0]?.accuracy).toBeNaN();
  });

  it('weighs the gaps of the bins by their rows', () => {
    // |0.5 − 0.65| · 2/5 + |1 − 0.7| · 1/5 + |1 − 0.975| · 2/5
    expect(ece).toBeCloseTo(0.06 + 0.06 + 0.01, 12);
    expect(meanConfidence).toBeCloseTo(3.95 / 5, 12);
    expect(gap).toBeCloseTo(3.95 / 5 - 4 / 5, 12);
  });
});

describe('reliability by chance', () => {
  it('is what the bins of a perfectly calibrated exit show', () => {
    const confidences = Float64Array.from({ length: 500 }, (_, row) => 0.5 + (row % 50) / 100);
    const random = seededRandom(4);
    const draws = Array.from({ length: 200 }, () => {
      const correct = Uint8Array.from(confidences, (confidence) => Number(random() < confidence));
      return reliability(confidences, correct).ece;
    });
    const mean = draws.reduce((sum, ece) => sum + ece, 0) / draws.length;
    expect(reliability(confidences, new Uint8Array(500)).eceByChance).toBeCloseTo(mean, 2);
  });
});

describe('reliability of the exits of a trace', () => {
  // Two rows, two layers, two classes; ln 3 makes 0.75, ln 9 makes 0.9. At temperature 2 ln 9 becomes ln 3.
  const [three, nine] = [Math.log(3), Math.log(9)];
  const trace = {
    ...{ task: 'sst2', split: 'dev', model: 'fake', rows: 2, layers: 2, classes: 2, isLabelled: true },
    logits: Float32Array.of(0, three, 0, nine, nine, 0, nine, 0),
    gold: Uint8Array.of(1, 1),
    tokens: Uint16Array.of(4, 4),
  };
  const exits = reliabilityOf(calibrateTrace(trace, [1, 2]));

  it('tells layers apart, and what temperatures do', () => {
    expect(exits.map(({ layer, accuracy }) => [layer, accuracy])).toEqual([
      [1, 0.5],
      [2, 0.5],
    ]);
    const [first, second] = exits;
    expect(first?.calibrated.meanConfidence).toBeCloseTo((0.75 + 0.9) / 2, 6);
    expect(first?.uncalibrated).toEqual({
      ...first?.calibrated,
      ece: expect.closeTo(first?.calibrated.ece ?? 0, 6),
      bins: expect.anything(),
      meanConfidence: expect.closeTo(0.825, 6),
    });
    expect(second?.uncalibrated.meanConfidence).toBeCloseTo(0.9, 6);
    expect(second?.calibrated.meanConfidence).toBeCloseTo(0.75, 6);
    // One of two is right, both in the bin of their confidence.
    expect(second?.uncalibrated.ece).toBeCloseTo(0.4, 6);
    expect(second?.calibrated.ece).toBeCloseTo(0.25, 6);
  });

  it('says how well confidence tells right from wrong: never where the wrong answer is the surer one, by halves in a tie', () => {
    expect(exits.map(({ auroc }) => auroc)).toEqual([0, 0.5]);
  });
});
