import { describe, expect, it } from 'vitest';
import type { Optimised } from '../../../core/lab/optimise-job';
import type { Aim } from '../../../core/tuning/optimise';
import { compare } from '../../words/en/compare';
import { verdictOf as verdictIn } from './optimise-words';

const verdictOf = (found: Optimised, aim: Aim) => verdictIn(found, aim, compare.optimise);

const aim = { kind: 'allowedLoss', points: 0.3 } as const;

/** Found: 71.9 % saved at 0.23 points; what it is to take the place of is given. */
function optimised(before: {
  saved: number;
  lost: number;
  expected: number;
  isReached: boolean;
  isBetter?: boolean;
}): Optimised {
  const { saved, lost, expected, isReached: isAimReached, isBetter = false } = before;
  return {
    row: { result: { costCutPercent: 71.9, lossPoints: 0.23 }, isAimReached: true },
    onCalibration: { expectedLossPoints: 0.29, costCutPercent: 72 },
    before: {
      result: { costCutPercent: saved, lossPoints: lost },
      onCalibration: { expectedLossPoints: expected, costCutPercent: 75 },
      ...{ isAimReached, isBetter },
    },
  } as unknown as Optimised;
}

describe('what became of optimising', () => {
  it('says why something was taken that saves less here', () => {
    expect(verdictOf(optimised({ saved: 74.5, lost: 0.23, expected: 0.36, isReached: false }), aim)).toBe(
      'Here it saves 2.60 % less and loses as much. What was set before is expected to lose 0.36 points on the calibration split, more than the 0.3 allowed; this, 0.29.',
    );
  });

  it('says what a saving costs where both keep to the aim', () => {
    expect(verdictOf(optimised({ saved: 60, lost: 0.11, expected: 0.1, isReached: true }), aim)).toBe(
      'Here it saves 11.90 % more and loses 0.12 points more.',
    );
  });

  it('says that nothing was changed', () => {
    const same = optimised({ saved: 71.9, lost: 0.23, expected: 0.29, isReached: true, isBetter: true });
    expect(verdictOf(same, aim)).toMatch(/^What is set stays/);
  });

  it('says so where nothing keeps to a wished cost', () => {
    const missed = optimised({ saved: 60, lost: 0.1, expected: 0.1, isReached: false });
    const nearest = { ...missed, row: { ...missed.row, isAimReached: false } };
    expect(verdictOf(nearest, { kind: 'equalCost', costCutPercent: 95 })).toBe(
      'Nothing keeps to the aim; what comes nearest was taken. Here it saves 11.90 % more and loses 0.13 points more. What was set before saves 75.0 % on the calibration split, less than the 95 % wanted; this, 72.0 %.',
    );
  });

  it('has nothing to say where nothing could be chosen', () => {
    expect(verdictOf({ row: { result: null }, onCalibration: null, before: null } as unknown as Optimised, aim)).toBe(
      '',
    );
  });
});
