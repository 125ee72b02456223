import { argmax } from '../exits';
import { at, lastOf } from '../numbers/at';
import { fitOffset, type Logistic } from '../numbers/logistic';
import { confidenceLogit, logitAt } from './exit-features';
import { lossExpectedAt } from './expected-loss';
import type { CalibrationExits, Fitted } from './fitted';
import { calibrationOf, policyDataOf } from './needs';
import { atMost, cascade, thresholdOf, tierThresholds } from './policy';
import type { PolicyData } from './policy-data';

type LossOfExit = PolicyData['expectedLosses'][number];

/**
 * Leave when max p ≥ τₗₖ, with a threshold for each class k that exit l names: the least confidence at which leaving is
 * expected to lose at most so many points to the last exit, of rows that exit l gives to k. The losses are those of
 * `expected-loss.ts`, but how often answers change has a step up or down in its log odds for each class and exit, fitted to
 * the calibration rows and held to 0 by a ridge: a class with few rows stays near what all together say. Which of the two is
 * right where they differ is told by too few rows to be split by class. At 0 nothing leaves.
 * Source: this project; the idea is that of Class Based Thresholding (arXiv 2210.15621): hard classes leave later.
 * How near to the paper: there a class has one threshold for all exits, from its mean probabilities on training rows, for
 * pixels of a picture; its listing was not at hand. Here thresholds follow from the aim that all others are chosen by. That
 * aim is judged, as everybody's, by losses that know no classes, so that it gives no credit for what they tell apart.
 */
export const classThresholds = cascade({
  id: 'class-thresholds',
  name: 'Expected loss, class by class',
  group: 'Fitted on calibration data',
  rule: 'answered when all layers are expected to be right more often by at most the threshold τ, in points, given the confidence here and the class named: max p ≥ τₗₖ, a threshold for each class k at layer l',
  source: 'this project; Class Based Thresholding, arXiv 2210.15621',
  needs: ['policyData', 'calibration'],
  parameters: tierThresholds(
    { min: 0, max: 5, step: 0.01 },
    { mobile: 0.5, edge: 0.5, cloud: 0 },
    'A sentence leaves at the first layer of this tier where that is expected to lose at most so many points of accuracy, given the class.',
  ),
  score: (exits, { fitted }) => {
    const ofClass = lossesByClass(fitted)[exits.length - 1]?.[lastOf(exits).label];
    return ofClass ? -100 * lossExpectedAt(ofClass, confidenceLogit(exits.at(-1))) : Number.NEGATIVE_INFINITY;
  },
  threshold: ({ tier }, parameters) => atMost(thresholdOf(tier, parameters)),
});

/** They are asked for every exit; a task has one set of losses, so that its rows tell them apart. */
const known = new WeakMap<CalibrationExits, readonly (readonly LossOfExit[])[]>();

/** What leaving costs, `[layers − 1][classes]`. */
function lossesByClass(fitted: Fitted): readonly (readonly LossOfExit[])[] {
  const calibration = calibrationOf(fitted);
  const found =
    known.get(calibration) ??
    policyDataOf(fitted).expectedLosses.map(({ changes, lastIsRight }, index) => {
      const rows = rowsAt(index, calibration);
      const rowsOf = (label: number) => rows.filter((row) => row.label === label);
      return Array.from({ length: calibration.classes }, (_, label) => ({
        changes: moved(changes, rowsOf(label)),
        lastIsRight,
      }));
    });
  known.set(calibration, found);
  return found;
}

interface RowAtExit {
  readonly label: number;
  /** ln(p / (1 − p)) of its confidence. */
  readonly logit: number;
  /** Whether just one of this exit and the last one is right. */
  readonly isChanged: boolean;
}

function rowsAt(index: number, { rows, layers, classes, probabilities, gold }: CalibrationExits): RowAtExit[] {
  const ofExit = (row: number, exit: number) =>
    probabilities.subarray((row * layers + exit) * classes, (row * layers + exit + 1) * classes);
  return Array.from({ length: rows }, (_, row) => {
    const here = ofExit(row, index);
    const [label, last] = [argmax(here), argmax(ofExit(row, layers - 1))];
    return { label, logit: logitAt(at(here, label)), isChanged: (label === gold[row]) !== (last === gold[row]) };
  });
}

/** How often answers change, moved to what the rows of one class say. */
function moved({ weight, bias }: Logistic, rows: readonly RowAtExit[]): Logistic {
  const logits = Float64Array.from(rows, ({ logit }) => weight * logit + bias);
  const target = Uint8Array.from(rows, ({ isChanged }) => Number(isChanged));
  return { weight, bias: bias + fitOffset(logits, target) };
}
