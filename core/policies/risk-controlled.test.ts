import { describe, expect, test } from 'vitest';
import { toLayer } from '../layers';
import { calibrateTrace } from '../trace/calibrated-trace';
import { countDisagreements } from '../trace/disagreements';
import type { Trace } from '../trace/trace-file';
import { policyById } from '.';
import type { Fitted } from './fitted';

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
      { layer: toLayer(1), tier: 'mobile', tierLastLayer: toLayer(2), lastLayer: toLayer(2) },
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
