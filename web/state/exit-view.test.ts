import { describe, expect, it } from 'vitest';
import { DEFAULT_COSTS } from '../../core/cost';
import { stretchesOf } from '../../core/layers';
import { outcomeOf, type Climbed, NOT_CLIMBED } from '../../core/ladder/outcome';
import { exitsOf } from '../../core/exits';
import { summariseCounts } from '../../core/summary';
import { confidence } from '../../core/policies/confidence';
import { traceOf } from '../../core/testing/online';
import { evaluate } from '../../core/trace/evaluate';
import { exitsAt, exitsOnTier, viewOfEvaluation, viewOfOutcomes } from './exit-view';

const stretches = stretchesOf('cascade', { mobileLayers: 1, edgeLayers: 2 }, 3);
const parameters = { mobileThreshold: 0.9, edgeThreshold: 0.9, cloudThreshold: 1 };
const decision = { policy: confidence, parameters, stretches };

/** A sample that is unsure at every layer before `layer`. */
function leavingAt(layer: number, ranLocally?: string): Climbed {
  const logits = Array.from({ length: layer }, (_, index) => (index + 1 === layer ? [9, 0] : [0, 0.1]));
  return { ...NOT_CLIMBED, exits: exitsOf(logits, [1, 1, 1]), ranLocally };
}

function outcome(climbed: Climbed) {
  const found = outcomeOf(climbed, decision, DEFAULT_COSTS);
  if (!found) throw new Error('The sample should have left.');
  return found;
}

describe('what the charts show', () => {
  it('counts the dev split by layer and tier, and its cost is the sum of its parts', () => {
    const leaving = { 1: [0.95, 0.95, 0.95], 2: [0.6, 0.95, 0.95], 3: [0.6, 0.6, 0.95] };
    const rows = ([1, 1, 1, 1, 1, 2, 2, 2, 3, 3] as const).map((layer) => ({ confidences: leaving[layer] }));
    const view = viewOfEvaluation(evaluate(traceOf(rows), decision, DEFAULT_COSTS));
    expect(view).toMatchObject({ rows: 10, quality: { accuracy: 1 } });
    expect([1, 2, 3].map((layer) => exitsAt(view, layer))).toEqual([5, 3, 2]);
    expect(exitsOnTier(view, 'edge')).toBe(3);
    // Mobile 1 each; edge 1 + 2 for five; cloud 1 + 3 for two: (10 + 5·3 + 2·4) / 10.
    expect(view.meanCost).toBeCloseTo(3.3);
    const { mobile, edge, cloud, offloading } = view.costParts;
    expect(mobile + edge + cloud + offloading).toBeCloseTo(view.meanCost);
  });

  it('gives the same for sentences that left at the same layers', () => {
    const groups = [2, 1, 1].map((count, index) => ({ outcome: outcome(leavingAt(index + 1)), count }));
    const live = viewOfOutcomes(groups, 3, DEFAULT_COSTS, 4);
    const recorded = summariseCounts([2, 1, 1], stretches, DEFAULT_COSTS);
    expect(live.meanCost).toBeCloseTo(recorded.meanCost);
    expect(live.costCutPercent).toBeCloseTo(recorded.costCutPercent);
    expect(live.meanLayers).toBeCloseTo(recorded.meanLayers);
  });

  it('books a sentence that the mobile tier had to finish itself on the mobile tier, without hops', () => {
    const view = viewOfOutcomes([{ outcome: outcome(leavingAt(3, 'no edge')), count: 1 }], 3, DEFAULT_COSTS, 1);
    expect(exitsOnTier(view, 'mobile')).toBe(1);
    expect(view.costParts).toEqual({ mobile: 3, edge: 0, cloud: 0, offloading: 0 });
  });
});
