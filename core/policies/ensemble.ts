import { at, lastOf } from '../numbers/at';
import { argmax } from '../exits';
import type { CalibrationExits, Fitted } from './fitted';
import { calibrationOf, policyDataOf } from './needs';
import { cascade, type Policy } from './policy';

/** How much an exit counts. */
type WeightOf = (layer: number, fitted: Fitted) => number;

/** What is asked of an exit besides its layer. */
interface Vote {
  readonly label: number;
  readonly confidence: number;
}

/**
 * Exits are experts whose confidences add up for as long as they agree: Sₗ = wₗ · max pₗ, plus Sₗ₋₁ where exit l − 1
 * names the same class. Leave when Sₗ ≥ s · αₗ. The sum goes on across tiers. αₗ is the least down to which, of the
 * calibration rows that have not left before, exit l is wrong no more often than the last exit is on the same rows.
 * Source: BEEM (arXiv 2502.00745).
 * How near to the paper: its score, its two kinds of weights, and thresholds from error rates that aim at the last exit's.
 * That they are compared on the very rows that would leave, and all the way down, is our reading: the least threshold
 * anywhere that keeps to it is a lucky one, and loses 2.8 points on other rows. The strictness s is ours, 1 is the paper's;
 * and the released code stops by PABEE's count instead of its sum.
 */
function beem(weightOf: WeightOf, called: Pick<Policy, 'id' | 'name' | 'source'>): Policy {
  return cascade({
    ...called,
    group: 'How layers follow each other',
    rule: 'answered when the weighted confidences of the latest exits that agree reach the threshold of layer l: Σ wₗ · max pₗ ≥ s · αₗ, where from αₗ on this exit errs no more often than the last one and s is the strictness',
    needs: ['policyData', 'calibration'],
    parameters: [
      {
        id: 'strictness',
        label: 'Strictness',
        min: 0.5,
        max: 2,
        step: 0.01,
        default: 1,
        hint: 'What thresholds are multiplied by. At 1 an exit errs no more often than the last layer on what leaves there.',
      },
    ],
    score: (exits, { fitted }) => evidence(exits, (layer) => weightOf(layer, fitted)),
    threshold: ({ layer }, { strictness = Number.NaN }, fitted) => {
      const thresholds = thresholdsOf(called.id, (of) => weightOf(of, fitted), calibrationOf(fitted));
      return strictness * at(thresholds, layer - 1);
    },
  });
}

export const ensemble = beem((layer, fitted) => 1 - at(policyDataOf(fitted).errorRates, layer - 1), {
  id: 'ensemble',
  name: 'Ensemble of exits',
  source: 'BEEM, weights by accuracy, arXiv 2502.00745',
});

export const ensembleByCost = beem((layer) => layer, {
  id: 'ensemble-by-cost',
  name: 'Ensemble of exits, by cost',
  source: 'BEEM, weights by cost, arXiv 2502.00745',
});

/** Sₗ after exits 1..l. */
function evidence(votes: readonly Vote[], weightOf: (layer: number) => number): number {
  const { label } = lastOf(votes);
  let sum = 0;
  for (let index = votes.length - 1; index >= 0 && votes[index]?.label === label; index--) {
    sum += weightOf(index + 1) * at(votes, index).confidence;
  }
  return sum;
}

const known = new WeakMap<CalibrationExits, Map<string, readonly number[]>>();

/** αₗ by layer. A task has one set of error rates, so that rows and kind of weights tell thresholds apart. */
function thresholdsOf(
  id: string,
  weightOf: (layer: number) => number,
  calibration: CalibrationExits,
): readonly number[] {
  const ofRows = known.get(calibration) ?? new Map<string, readonly number[]>();
  known.set(calibration, ofRows);
  const found = ofRows.get(id) ?? fitThresholds(weightOf, calibration);
  ofRows.set(id, found);
  return found;
}

/** Exit by exit, on the rows that have not left before. */
function fitThresholds(weightOf: (layer: number) => number, calibration: CalibrationExits): number[] {
  let staying = votesOf(calibration).map((votes, row) => ({ votes, gold: at(calibration.gold, row) }));
  return Array.from({ length: calibration.layers }, (_, index) => {
    const scored = staying.map(({ votes, gold }) => ({
      votes,
      gold,
      score: evidence(votes.slice(0, index + 1), weightOf),
      excess: Number(at(votes, index).label !== gold) - Number(lastOf(votes).label !== gold),
    }));
    const threshold = leastSafe(scored);
    staying = scored.filter(({ score }) => !(score >= threshold));
    return threshold;
  });
}

function votesOf({ rows, layers, classes, probabilities }: CalibrationExits): Vote[][] {
  const voteAt = (index: number): Vote => {
    const ofClasses = probabilities.subarray(index * classes, (index + 1) * classes);
    const label = argmax(ofClasses);
    return { label, confidence: at(ofClasses, label) };
  };
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: layers }, (__, index) => voteAt(row * layers + index)),
  );
}

/** The least score down to which, all the way, rows err no more often than at the last exit; Infinity where none. */
function leastSafe(rows: readonly { readonly score: number; readonly excess: number }[]): number {
  const falling = rows.toSorted((one, other) => other.score - one.score);
  let [excess, least] = [0, Number.POSITIVE_INFINITY];
  for (const [index, row] of falling.entries()) {
    excess += row.excess;
    if (falling[index + 1]?.score === row.score) continue;
    if (excess > 0) break;
    least = row.score;
  }
  return least;
}
