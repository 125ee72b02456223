import { describe, expect, it } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import { stretchesOf } from '../layers';
import { confidence } from '../policies/confidence';
import { settlingTrace } from '../testing/settling-trace';
import { calibrateTrace } from './calibrated-trace';
import { evaluate } from './evaluate';
import { countTraits, REMARK, remarksOf, rowsMatching, type RowTraits, traitsOfTrace } from './row-traits';
import { recordedClimb, recordedOutcome } from './trace-rows';

const row = { label: 1, layer: 3, labels: [1, 1, 1, 1], layers: 4, gold: 1 };

describe('what is remarkable of a row', () => {
  it('is nothing where all exits agree and are right', () => {
    expect(remarksOf(row)).toBe(0);
  });

  it('is that it is wrong, where people said so', () => {
    expect(remarksOf({ ...row, gold: 0 })).toBe(REMARK.wrong);
    expect(remarksOf({ ...row, gold: undefined })).toBe(0);
  });

  it('is a change of mind on the way to where it was settled, and not beyond', () => {
    expect(remarksOf({ ...row, labels: [0, 1, 1, 1] })).toBe(REMARK.changed);
    expect(remarksOf({ ...row, labels: [1, 0, 1, 1] })).toBe(REMARK.changed);
    expect(remarksOf({ ...row, layer: 2, labels: [1, 1, 0, 1] })).toBe(0);
  });

  it('is an answer that all layers would not give, where all of them are known', () => {
    expect(remarksOf({ ...row, labels: [1, 1, 1, 0] })).toBe(REMARK.differs);
    expect(remarksOf({ ...row, labels: [1, 1, 1] })).toBe(0);
  });
});

/** Four rows: two on the mobile tier, one at the edge, one that is not settled yet. */
const traits: RowTraits = {
  layers: Uint8Array.of(1, 3, 0, 3),
  tiers: Uint8Array.of(0, 1, 0, 0),
  remarks: Uint8Array.of(0, REMARK.wrong | REMARK.changed, REMARK.wrong, REMARK.changed),
};

describe('rows that are asked for', () => {
  it('are those of which all of it is true, in order', () => {
    expect([...rowsMatching(traits, {})]).toEqual([0, 1, 3]);
    expect([...rowsMatching(traits, { layer: 3 })]).toEqual([1, 3]);
    expect([...rowsMatching(traits, { layer: 3, tier: 'mobile' })]).toEqual([3]);
    expect([...rowsMatching(traits, { remark: 'changed', tier: 'edge' })]).toEqual([1]);
    expect([...rowsMatching(traits, { remark: 'differs' })]).toEqual([]);
  });

  it('are counted where they are settled', () => {
    expect(countTraits(traits)).toEqual({
      settled: 3,
      tiers: { mobile: 2, edge: 1, cloud: 0 },
      remarks: { wrong: 1, changed: 2, differs: 0 },
    });
  });
});

describe('rows of a trace', () => {
  const calibrated = calibrateTrace(settlingTrace('sst2', 2, [1, 1, 3, 6]), new Array<number>(12).fill(1));
  const decision = {
    policy: confidence,
    parameters: { mobileThreshold: 0.9, edgeThreshold: 0.9, cloudThreshold: 0.9 },
    stretches: stretchesOf('cascade', { mobileLayers: 4, edgeLayers: 8 }, 12),
  };
  const evaluation = evaluate(calibrated, decision, DEFAULT_COSTS);

  it('are settled one by one as they are all together', () => {
    const outcomes = Array.from({ length: 4 }, (_, index) =>
      recordedOutcome(recordedClimb(calibrated, index), calibrated, index, decision, DEFAULT_COSTS),
    );
    expect(outcomes.map((outcome) => outcome?.exit.layer)).toEqual([...evaluation.exitLayers]);
    expect(outcomes.map((outcome) => outcome?.exit.label)).toEqual([...evaluation.labels]);
    expect(outcomes.map((outcome) => outcome?.cost)).toEqual([...evaluation.costs]);
  });

  it('have the traits of their own exits', () => {
    const { gold } = calibrated.trace;
    const found = traitsOfTrace(calibrated, evaluation, gold);
    expect(found.layers).toBe(evaluation.exitLayers);
    const alone = Array.from({ length: 4 }, (_, index) =>
      remarksOf({
        ...{ label: evaluation.labels[index] ?? -1, layer: evaluation.exitLayers[index] ?? 0, layers: 12 },
        ...{ labels: recordedClimb(calibrated, index).exits.map(({ label }) => label), gold: gold[index] },
      }),
    );
    expect([...found.remarks]).toEqual(alone);
    expect(countTraits(traitsOfTrace(calibrated, evaluation, undefined)).remarks.wrong).toBe(0);
  });
});
