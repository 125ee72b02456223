import { countDisagreements } from '../trace/disagreements';
import { describe, expect, test } from 'vitest';
import type { Exit } from '../exits';
import { exitLayer, exitsWith } from '../testing/exits';
import { fakePolicyData } from '../testing/fake-policy-files';
import { calibrateTrace } from '../trace/calibrated-trace';
import type { Trace } from '../trace/trace-file';
import { policyById } from '.';
import type { Fitted } from './fitted';
import type { PolicyData } from './policy-data';

const withData = (changes: Partial<PolicyData>): Fitted => ({ data: fakePolicyData(changes) });
const sure = (p: number) => [p, 1 - p];
const scoresOf = (id: string, exits: readonly Exit[], fitted: Fitted) =>
  exits.map((_, index) =>
    policyById(id).score(exits.slice(0, index + 1), { parameters: {}, fitted, sample: {}, stretches: [] }),
  );

describe('ensemble', () => {
  const errorRates = [0.5, 0.4, 0.3, 0.2, 0.1, 0, 0, 0, 0, 0, 0, 0];
  const fitted = withData({ errorRates });
  const exits = exitsWith(sure(0.8), sure(0.9), sure(0.3), sure(0.4), sure(0.1));

  test('adds confidences, weighted by how often the exit is right, while exits agree, and starts again where they do not', () => {
    // The third exit names the other class, with 0.7; the fourth agrees with it by 0.6, the fifth by 0.9.
    const expected = [
      0.5 * 0.8,
      0.5 * 0.8 + 0.6 * 0.9,
      0.7 * 0.7,
      0.7 * 0.7 + 0.8 * 0.6,
      0.7 * 0.7 + 0.8 * 0.6 + 0.9 * 0.9,
    ];
    expect(scoresOf('ensemble', exits, fitted)).toEqual(expected.map((score) => expect.closeTo(score, 12)));
  });

  test('leaves once that is enough, across tiers too', () => {
    const leavesAt = (evidence: number) => exitLayer('ensemble', { evidence }, exits, { fitted });
    expect([0.4, 0.9, 0.95, 1.5, 1.8].map(leavesAt)).toEqual([1, 2, 4, 5, undefined]);
  });
});

describe('expected loss', () => {
  const losses = { changes: { weight: -1, bias: -2.5 }, lastIsRight: { weight: -0.25, bias: 1 } };
  const harmless = { changes: { weight: 0, bias: -30 }, lastIsRight: { weight: 0, bias: 30 } };
  const expectedLosses = new Array(11).fill(losses).with(2, harmless) as PolicyData['expectedLosses'];
  const fitted = withData({ expectedLosses });
  const exits = exitsWith(sure(0.6), sure(0.8), sure(0.5), sure(0.99));

  test('is in points: how often answers change, times how much more often the last one is right', () => {
    const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));
    const points = (x: number) => 100 * sigmoid(-2.5 - x) * (2 * sigmoid(1 - x / 4) - 1);
    const expected = [points(Math.log(1.5)), points(Math.log(4)), 0, points(Math.log(99))].map((loss) =>
      expect.closeTo(-loss, 9),
    );
    expect(scoresOf('expected-loss', exits, fitted)).toEqual(expected);
  });

  test('lets a sentence go where it is at most the threshold of the tier, and none at 0', () => {
    const leavesAt = (mobileThreshold: number) =>
      exitLayer('expected-loss', { mobileThreshold, edgeThreshold: 0 }, exits, { fitted });
    expect([5, 2, 1, 0.6, 0.01, 0].map(leavesAt)).toEqual([1, 2, 2, 3, 3, undefined]);
  });
});

describe('learned exit', () => {
  test('weighs what is known of an exit, by the weights of its layer, into a probability', () => {
    const weights = new Array<number[]>(12).fill([0, 0, 0]);
    weights[0] = [2, 0, -1];
    weights[1] = [0, 3, 0.5];
    const fitted = withData({ learnedExit: { features: ['margin', 'agreement'], weights } });
    // Margins 0.6 and 0.2; the second exit agrees with the first, the third does not.
    const scores = scoresOf('learned-exit', exitsWith(sure(0.8), sure(0.6), sure(0.2)), fitted);
    const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));
    const expected = [sigmoid(2 * 0.6 - 1), sigmoid(3 + 0.5), sigmoid(0)];
    expect(scores).toEqual(expected.map((score) => expect.closeTo(score, 12)));
  });

  test.each([
    ['confidenceLogit', [Math.log(4), Math.log(1.5), Math.log(4), 10]],
    ['margin', [0.6, 0.2, 0.6, 1]],
    ['agreement', [0, 1, 0, 1]],
    ['run', [1 / 12, 2 / 12, 1 / 12, 2 / 12]],
    ['previousConfidenceLogit', [0, Math.log(4), Math.log(1.5), Math.log(4)]],
  ] as const)('%s is what the contract with training says', (feature, expected) => {
    const weights = new Array<number[]>(12).fill([1, 0]);
    const fitted = withData({ learnedExit: { features: [feature], weights } });
    const scores = scoresOf('learned-exit', exitsWith(sure(0.8), sure(0.6), sure(0.2), sure(1e-9)), fitted);
    const logits = scores.map((p) => Math.log(p / (1 - p)));
    expect(logits).toEqual(expected.map((logit) => expect.closeTo(logit, 6)));
  });

  test('leaves at the first layer of the tier that is probably right', () => {
    const weights = new Array<number[]>(12).fill([1, 0]);
    const fitted = withData({ learnedExit: { features: ['confidenceLogit'], weights } });
    const exits = exitsWith(sure(0.7), sure(0.85), sure(0.6), sure(0.6), sure(0.75));
    const leavesAt = (mobileThreshold: number, edgeThreshold: number) =>
      exitLayer('learned-exit', { mobileThreshold, edgeThreshold }, exits, { fitted });
    expect([leavesAt(0.6, 1), leavesAt(0.8, 1), leavesAt(0.9, 0.7), leavesAt(0.9, 0.8)]).toEqual([1, 2, 5, undefined]);
  });
});

describe('quota', () => {
  /** Confidences from 0.5 to 1, evenly: a share s of the rows has at most 0.5 + s / 2. */
  const even = Array.from({ length: 21 }, (_, index) => 0.5 + index / 40);
  const fitted = withData({ quantiles: new Array<number[]>(12).fill(even) });
  const place = (layer: number) => ({ layer, tier: 'mobile', tierLastLayer: 12, lastLayer: 12 }) as const;
  const thresholdAt = (layer: number, share: number) => policyById('quota').threshold(place(layer), { share }, fitted);

  test('asks for the confidence that so many calibration rows have by then', () => {
    // After layer 1 a fifth shall have left, the surest; after layer 2 two fifths.
    expect([1, 2, 3, 4].map((layer) => thresholdAt(layer, 0.2))).toEqual([
      expect.closeTo(0.9, 12),
      expect.closeTo(0.8, 12),
      expect.closeTo(0.7, 12),
      expect.closeTo(0.6, 12),
    ]);
  });

  test('lies on a straight line between the quantiles that are known', () => {
    expect(thresholdAt(1, 0.22)).toBeCloseTo(0.89, 12);
  });

  test('lets all that is left go once the shares add up to everything, and nothing without a share', () => {
    expect(thresholdAt(5, 0.2)).toBe(0);
    expect(thresholdAt(11, 0)).toBe(Infinity);
  });

  test('sends the chosen share of such rows out at each exit, where exits agree on which are the surest', () => {
    const rows = Array.from({ length: 1000 }, (_, row) =>
      exitsWith(...new Array(12).fill(sure(0.5 + (row + 0.5) / 2000))),
    );
    const layers = rows.map((exits) => exitLayer('quota', { share: 0.3 }, exits, { fitted }));
    const shares = [1, 2, 3, 4, 5].map((layer) => layers.filter((other) => other === layer).length / rows.length);
    expect(shares).toEqual([0.3, 0.3, 0.3, 0.1, 0].map((share) => expect.closeTo(share, 2)));
  });
});

describe('risk-controlled', () => {
  const logit = (p: number) => Math.log(p / (1 - p));

  /** One exit before the last; each row has a confidence there, and the last exit agrees or does not. */
  function calibrated(rows: readonly (readonly [confidence: number, agrees: boolean])[]): Fitted {
    const logits = rows.flatMap(([p, agrees]) => [0, logit(p), ...(agrees ? [0, 9] : [9, 0])]);
    const trace: Trace = {
      ...{
        task: 'sst2',
        split: 'calibration',
        model: 'fake',
        rows: rows.length,
        layers: 2,
        classes: 2,
        isLabelled: true,
      },
      logits: Float32Array.from(logits),
      gold: new Uint8Array(rows.length),
      tokens: new Uint16Array(rows.length),
    };
    return { disagreements: countDisagreements(calibrateTrace(trace, [1, 1])) };
  }
  const thresholdFor = (fitted: Fitted, disagreement: number, certainty: number) =>
    policyById('risk-controlled').threshold(
      { layer: 1, tier: 'mobile', tierLastLayer: 2, lastLayer: 2 },
      { disagreement, certainty },
      fitted,
    );
  const rowsOf = (count: number, confidence: number, agrees: boolean) =>
    Array.from({ length: count }, () => [confidence, agrees] as const);

  // Binomial with n = 100 and δ = 0.05: P(X ≤ 0) = 0.0059, P(X ≤ 1) = 0.0371, P(X ≤ 2) = 0.1183.
  const fitted = calibrated([
    ...rowsOf(60, 0.99, true),
    ...rowsOf(1, 0.95, false),
    ...rowsOf(1, 0.85, false),
    ...rowsOf(1, 0.75, false),
    ...rowsOf(37, 0.7, true),
  ]);

  test('takes the cheapest threshold that still lets few enough rows of the calibration split disagree', () => {
    // At a certainty of 0.9, one of the hundred may disagree: the threshold lies just above the second one's confidence.
    const threshold = thresholdFor(fitted, 0.05, 0.9);
    expect(threshold).toBeGreaterThan(0.85);
    expect(logit(threshold)).toBeLessThan(logit(0.85) + 1 / 20);
  });

  test('is stricter where it must be more certain, or may disagree less', () => {
    // At 0.97 still one, as P(X ≤ 1) = 0.0371 is above 0.03: none.
    const [usual, surer, stricter] = [
      thresholdFor(fitted, 0.05, 0.9),
      thresholdFor(fitted, 0.05, 0.97),
      thresholdFor(fitted, 0.025, 0.9),
    ];
    expect(surer).toBeGreaterThan(0.95);
    expect(logit(surer)).toBeLessThan(logit(0.95) + 1 / 20);
    expect(surer).toBeGreaterThan(usual);
    expect(stricter).toBeGreaterThan(usual);
  });

  test('lets nothing leave early where the split is too small to be certain', () => {
    // 0.95^20 = 0.36: twenty rows without any disagreement show nothing at a certainty of 0.9.
    expect(thresholdFor(calibrated(rowsOf(20, 0.99, true)), 0.05, 0.9)).toBe(Infinity);
    expect(thresholdFor(calibrated(rowsOf(45, 0.99, true)), 0.05, 0.9)).toBeLessThan(0.5);
  });

  test('stops at the first candidate that fails, even where later ones would pass', () => {
    // Three rows that disagree when they leave at layer 1; below 0.6 nothing more is lost, but they are.
    const early = calibrated([...rowsOf(3, 0.99, false), ...rowsOf(97, 0.6, true)]);
    expect(thresholdFor(early, 0.05, 0.9)).toBeGreaterThan(0.99);
  });

  test('keeps its promise: on fresh rows the disagreement is above δ no more often than allowed', () => {
    let [state, broken] = [7, 0];
    const random = () => (state = (Math.imul(state, 48_271) >>> 0) % 2_147_483_647) / 2_147_483_647;
    const draw = (count: number) =>
      Array.from({ length: count }, () => {
        const p = 0.5 + random() / 2;
        // An exit that is p sure agrees with the last one that often.
        return [p, random() < p] as const;
      });
    const trials = 200;
    for (let trial = 0; trial < trials; trial++) {
      const threshold = thresholdFor(calibrated(draw(200)), 0.1, 0.8);
      // P(p ≥ τ and not agreeing) for p even over 0.5 to 1: ∫ 2(1 − p) dp from τ.
      if (threshold < 1 && (1 - Math.max(threshold, 0.5)) ** 2 > 0.1) broken++;
    }
    // 0.2 of 200, and three standard deviations more.
    expect(broken).toBeLessThan(0.2 * trials + 3 * Math.sqrt(0.2 * 0.8 * trials));
    expect(broken).toBeGreaterThan(0);
  });
});
