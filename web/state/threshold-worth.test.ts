import { describe, expect, it } from 'vitest';
import { policyById } from '../../core/policies';
import { settlingTrace } from '../../core/testing/settling-trace';
import { calibrateTrace } from '../../core/trace/calibrated-trace';
import { thresholdWorth } from './threshold-worth';

const plan = { mobileLayers: 2, edgeLayers: 2 };
const trace = settlingTrace('sst2', 2, [1, 1, 3, 3]);
/** At layer 2 rows 0 and 1 are right, 2 and 3 wrong: surer than which they are by one row of each. */
const logits = trace.logits.map((logit, index) => {
  const [row, layer] = [Math.floor(index / 24), Math.floor((index % 24) / 2) + 1];
  return layer === 2 ? logit * ([3, 1, 2, 0.5][row] ?? 1) : logit;
});
const calibration = calibrateTrace({ ...trace, logits }, new Array<number>(12).fill(1));
const confidence = policyById('confidence');

describe('what a threshold on confidence has to go by', () => {
  it('is how well the last exit of its tier tells right from wrong', () => {
    // Of the four pairs of a right and a wrong answer the right one is surer in three.
    expect(thresholdWorth(confidence, { tier: 'mobile' }, plan, calibration)).toEqual({ layer: 2, auroc: 0.75 });
  });

  it('is nothing where a tier has no layers, where no tier is meant, and where confidence is not asked', () => {
    expect(thresholdWorth(confidence, { tier: 'edge' }, plan, calibration)).toBeUndefined();
    expect(thresholdWorth(confidence, {}, plan, calibration)).toBeUndefined();
    expect(thresholdWorth(policyById('margin'), { tier: 'mobile' }, plan, calibration)).toBeUndefined();
  });
});
