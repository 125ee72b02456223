import { costCutPercent } from '../cost';
import type { Plan } from '../layers';
import { timeGroups, type TimeGroups } from '../network/network-run';
import { accessOf, type NetworkId } from '../network/profiles';
import { at } from '../numbers/at';
import { bootstrap, bootstrapMeans, type Interval, percentileInterval } from '../numbers/bootstrap';
import { drawLot } from '../numbers/lots';
import { exactShareInterval, mcNemarExact } from '../numbers/mcnemar';
import { type Component, mixtureQuantile } from '../numbers/mixture';
import type { PolicyChoice } from '../policies';
import { type ModelledOn, travelled } from './network';
import { lossesOfAnswers } from '../summary';
import { lastLabelsOf } from '../trace/replay';
import type { LabSetting } from './setting';
import { gainsOverStaticCut } from './static-cut';
import type { Gain } from './trial-result';

/** One of two configurations. */
export interface PairSide {
  readonly choice: PolicyChoice;
  readonly plan: Plan;
}

/** Two configurations on the same rows, under the costs of the setting and over one network. */
export interface PairJob extends ModelledOn {
  readonly a: PairSide;
  readonly b: PairSide;
  readonly network: NetworkId;
}

/** A number of A, the same of B, and what lies between them. */
export interface Difference {
  readonly a: number;
  readonly b: number;
  /** B less A. */
  readonly difference: number;
  /** 95 %, of the difference. */
  readonly interval: Interval;
  /** Whether the interval spans zero: as far as these rows tell, it may be chance. */
  readonly isChance: boolean;
}

/** Rows that only one of the two answers rightly, and what the exact test of McNemar says of so many. */
export interface Discordant {
  readonly onlyA: number;
  readonly onlyB: number;
  readonly pValue: number;
  /** Whether the interval of the accuracy is exact, and not of the bootstrap. */
  readonly isExact: boolean;
}

/** Where each row leaves and what it is answered, both `[rows]`. */
export interface Answers {
  readonly exitLayers: Uint8Array;
  readonly labels: Uint8Array;
}

export interface PairedComparison {
  readonly rows: number;
  /** Of each over a static cut of its own mean cost. */
  readonly gain: Readonly<Record<'a' | 'b', Gain>>;
  /** Cost below all cloud, in percent. */
  readonly computeSaved: Difference;
  /** In percent; agreement with the last exit where rows have no labels. */
  readonly accuracy: Difference;
  readonly discordant: Discordant;
  /** Mean a row. */
  readonly layers: Difference;
  /** Modelled on the network, in milliseconds. */
  readonly medianMs: Difference;
  readonly p95Ms: Difference;
  readonly answers: { readonly a: Answers; readonly b: Answers };
}

const REPLICATES = 1000;
/** Quantiles are found for every replicate anew, which takes longer than means. */
const TIME_REPLICATES = 200;
/** Of the bootstrap; any number would do. */
const SEED = 1;
/** With fewer rows that tell the two apart, the normal shape that a bootstrap of their accuracies relies on is far off. */
const FEW_DISCORDANT = 25;

/**
 * Both configurations on the rows that are reported on, row by row: what is the same in both cancels out.
 * @throws DimeeError `BAD_INPUT` for a policy or parameters that there are not, or needs that are not met.
 */
export function comparePair(setting: LabSetting, job: PairJob): PairedComparison {
  const [one, other] = [sideOf(setting, job.a, job), sideOf(setting, job.b, job)];
  const { gold } = setting.evaluation.trace;
  const right = ({ labels }: Answers) => Float64Array.from(labels, (label, row) => 100 * Number(label === gold[row]));
  const [rightA, rightB] = [right(one.answers), right(other.answers)];
  const discordant = discordantIn(rightB.map((value, row) => value - at(rightA, row)));
  const { differences, gain } = meanDifferences(
    [
      [one.saved, other.saved],
      [rightA, rightB],
      [Float64Array.from(one.answers.exitLayers), Float64Array.from(other.answers.exitLayers)],
    ],
    [one.gains, other.gains],
  );
  const [computeSaved, accuracy, layers] = differences;
  return {
    rows: gold.length,
    gain,
    computeSaved,
    accuracy: withExactInterval(accuracy, discordant, gold.length),
    discordant,
    layers,
    ...timeDifferences(one.times, other.times),
    answers: { a: one.answers, b: other.answers },
  };
}

/** `gains`: what each row gains in B, above 0 where only B is right, below where only A is. */
export function discordantIn(gains: Float64Array): Discordant {
  const [onlyA, onlyB] = [gains.filter((gain) => gain < 0).length, gains.filter((gain) => gain > 0).length];
  return { onlyA, onlyB, pValue: mcNemarExact(onlyA, onlyB), isExact: onlyA + onlyB < FEW_DISCORDANT };
}

/** How the rows travel under one of the two. */
function sideOf(setting: LabSetting, { choice, plan }: PairSide, { equipment, network, custom }: PairJob) {
  const { evaluation, journeys } = travelled(setting, plan, choice);
  const { exitLayers, labels, costs, summary } = evaluation;
  const calibrated = setting.evaluation;
  const losses = lossesOfAnswers(labels, lastLabelsOf(calibrated), calibrated.trace.gold);
  return {
    gains: gainsOverStaticCut(calibrated, losses, summary.meanCost, setting.costs),
    answers: { exitLayers, labels },
    saved: costs.map((cost) => costCutPercent(cost, setting.layers, setting.costs)),
    times: timeGroups(journeys, equipment, accessOf(network, custom)),
  };
}

type Columns = readonly [a: Float64Array, b: Float64Array];

/** Means of both columns and of what lies between them, and of these gains: each replicate draws the same rows for all. */
function meanDifferences(pairs: readonly [Columns, Columns, Columns], gains: Columns) {
  const between = pairs.map(([a, b]) => b.map((value, row) => value - at(a, row)));
  const replicates = bootstrapMeans([...between, ...gains], REPLICATES, lots());
  const intervalAt = (index: number) => percentileInterval(at(replicates, index));
  const differenceAt = (index: number) => {
    const [a, b] = at(pairs, index);
    return differenceOf(mean(a), mean(b), intervalAt(index));
  };
  const gainAt = (index: 0 | 1): Gain => ({ points: mean(gains[index]), interval: intervalAt(pairs.length + index) });
  return {
    differences: [differenceAt(0), differenceAt(1), differenceAt(2)] as const,
    gain: { a: gainAt(0), b: gainAt(1) },
  };
}

/** The median and the 95th percentile of both, and what lies between them. */
function timeDifferences(a: TimeGroups, b: TimeGroups): Pick<PairedComparison, 'medianMs' | 'p95Ms'> {
  const medians = new Float64Array(TIME_REPLICATES);
  const slow = new Float64Array(TIME_REPLICATES);
  bootstrap(a.groupOf.length, TIME_REPLICATES, lots(), (drawn, replicate) => {
    const [drawnA, drawnB] = [drawnComponents(a, drawn), drawnComponents(b, drawn)];
    medians[replicate] = mixtureQuantile(drawnB, 0.5) - mixtureQuantile(drawnA, 0.5);
    slow[replicate] = mixtureQuantile(drawnB, 0.95) - mixtureQuantile(drawnA, 0.95);
  });
  const difference = (share: number, replicates: Float64Array) =>
    differenceOf(
      mixtureQuantile(a.components, share),
      mixtureQuantile(b.components, share),
      percentileInterval(replicates),
    );
  return { medianMs: difference(0.5, medians), p95Ms: difference(0.95, slow) };
}

/** The components of the rows that were drawn. */
function drawnComponents({ components, groupOf }: TimeGroups, drawn: Float64Array): Component[] {
  const weights = new Float64Array(components.length);
  // Not by `at`: this runs for every row of every replicate.
  for (let row = 0; row < drawn.length; row++) {
    const group = groupOf[row] ?? 0;
    weights[group] = (weights[group] ?? 0) + (drawn[row] ?? 0);
  }
  return components.flatMap(({ mean, deviation }, group) => {
    const weight = at(weights, group);
    return weight > 0 ? [{ mean, deviation, weight }] : [];
  });
}

/** In points of all rows: how uneven the rows that tell the two apart may be, their number taken as it is. */
function exactInterval(onlyA: number, onlyB: number, rows: number): Interval {
  const told = onlyA + onlyB;
  const [low, high] = exactShareInterval(onlyB, told);
  const points = (share: number) => (100 * told * (2 * share - 1)) / rows;
  return [points(low), points(high)];
}

/** A difference of accuracies in percent, with its exact interval where few rows tell the two apart. */
export function withExactInterval(accuracy: Difference, discordant: Discordant, rows: number): Difference {
  const { onlyA, onlyB, isExact } = discordant;
  return isExact ? differenceOf(accuracy.a, accuracy.b, exactInterval(onlyA, onlyB, rows)) : accuracy;
}

export function differenceOf(a: number, b: number, interval: Interval): Difference {
  const [low, high] = interval;
  return { a, b, difference: b - a, interval, isChance: low <= 0 && high >= 0 };
}

function lots(): () => number {
  let draws = 0;
  return () => drawLot(SEED, draws++);
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What rows of a comparison can differ in. */
export type DisagreementKind = 'label' | 'layer';

/** The numbers of rows that the two answer otherwise, or settle at another layer, in their order. */
export function disagreeingRows(
  { answers: { a, b } }: Pick<PairedComparison, 'answers'>,
  kind: DisagreementKind,
): readonly number[] {
  const [ofA, ofB] = kind === 'label' ? [a.labels, b.labels] : [a.exitLayers, b.exitLayers];
  return [...ofA.keys()].filter((row) => ofA[row] !== ofB[row]);
}
