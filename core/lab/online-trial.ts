import { at } from '../numbers/at';
import { costCutPercent, type CostWeights } from '../cost';
import { type TierName, TIERS } from '../layers';
import { type OnlinePolicy, OnlineRun } from '../online';
import { defaultParameters, type PolicyParameters } from '../policies';
import { confidence } from '../policies/confidence';
import { lossesOfAnswers, qualityOfAnswers, summariseRows } from '../summary';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import { expectedLosses, meanLossAt } from '../trace/expected-losses';
import { answersAt, lastLabelsOf, scoreTrace } from '../trace/replay';
import type { Aim } from '../tuning/optimise';
import type { TrialOutcome } from './policy-trial';
import type { LabSetting } from './setting';
import { gainsOverStaticCut } from './static-cut';

/** An online policy is run once for each of these seeds, through the rows in another order each time. */
export const ONLINE_SEEDS: readonly number[] = [1, 2, 3];

/** What a trial of an online policy takes place in. */
export type OnlineTrialSetting = Omit<LabSetting, 'calibration' | 'fitted'>;

/**
 * What an online policy with these parameters does to the rows while it learns, each row once a run; all is the mean over
 * runs, row by row, so that the bootstrap draws rows as it does for other policies. The policy comes to these rows knowing
 * nothing, and what it does badly at first is counted.
 */
export function tryOnline(
  policy: OnlinePolicy,
  setting: OnlineTrialSetting,
  parameters: PolicyParameters = {},
): TrialOutcome {
  const { evaluation, plan, costs, hidden } = setting;
  return meanOf(
    ONLINE_SEEDS.map((seed) =>
      outcomeOf(new OnlineRun(evaluation, { policy, parameters, plan, costs, hidden, seed }), evaluation, costs),
    ),
  );
}

/** Prices of a unit of cost that are tried, each three times the one before: between two of them little changes. */
const PRICES: readonly number[] = Array.from({ length: 6 }, (_, index) => 0.0005 * 3 ** index);

/** The price at which a learner keeps to an aim, and what it is expected to lose there. */
export interface PricedLearner {
  readonly parameters: PolicyParameters;
  readonly isReached: boolean;
  /** In points of accuracy to the last exit. */
  readonly expectedLossPoints: number;
}

/**
 * The price of cost under which a learner, on its way through the calibration split, keeps best to an aim: the same aim by
 * the same expected losses as other policies' parameters. All else keeps its default, and nothing learnt is carried over.
 */
export function priceLearner(
  policy: OnlinePolicy,
  setting: OnlineTrialSetting & Pick<LabSetting, 'fitted'>,
  calibration: CalibratedTrace,
  aim: Aim,
): PricedLearner {
  const { layers, costs, plan, hidden, fitted } = setting;
  const scored = scoreTrace(calibration, { policy: confidence, parameters: {} });
  const losses = { ...scored, expectedLosses: expectedLosses(scored, fitted) };
  const tried = PRICES.map((costWeight) => {
    const parameters = { ...defaultParameters(policy, layers), costWeight };
    const run = new OnlineRun(calibration, { policy, parameters, plan, costs, hidden, seed: at(ONLINE_SEEDS, 0) });
    const exitLayers = new Uint8Array(scored.rows);
    run.advance(scored.rows, ({ row, exitLayer }) => (exitLayers[row] = exitLayer));
    const expectedLossPoints = 100 * meanLossAt(exitLayers, losses);
    const cut = costCutPercent(run.chosen.cost / scored.rows, layers, costs);
    const missedBy = aim.kind === 'allowedLoss' ? expectedLossPoints - aim.points : aim.costCutPercent - cut;
    const merit = aim.kind === 'allowedLoss' ? cut : -expectedLossPoints;
    return { parameters, isReached: missedBy <= 0, expectedLossPoints, excess: Math.max(missedBy, 0), merit };
  });
  const best = tried.reduce((one, other) =>
    other.excess < one.excess || (other.excess === one.excess && other.merit > one.merit) ? other : one,
  );
  return { parameters: best.parameters, isReached: best.isReached, expectedLossPoints: best.expectedLossPoints };
}

/** Runs to the end of one pass. */
function outcomeOf(run: OnlineRun, calibrated: CalibratedTrace, weights: CostWeights): TrialOutcome {
  const { trace, labels } = calibrated;
  const { rows, layers, gold } = trace;
  const [exitLayers, tiers, costs] = [new Uint8Array(rows), new Uint8Array(rows), new Float64Array(rows)];
  run.advance(rows, ({ row, exitLayer, tier, cost }) => {
    exitLayers[row] = exitLayer;
    tiers[row] = TIERS.indexOf(tier);
    costs[row] = cost;
  });
  const answers = answersAt(exitLayers, { labels, layers });
  const lastLabels = lastLabelsOf(calibrated);
  const summary = summariseRows({ exitLayers, tiers, costs }, layers, weights);
  const lossPoints = lossesOfAnswers(answers, lastLabels, gold);
  return {
    ...{ summary, quality: qualityOfAnswers(answers, lastLabels, gold), lossPoints },
    costCutPercent: costs.map((cost) => costCutPercent(cost, layers, weights)),
    gainPoints: gainsOverStaticCut(calibrated, lossPoints, summary.meanCost, weights),
  };
}

/** Of runs over the same rows under the same costs. */
function meanOf(outcomes: readonly TrialOutcome[]): TrialOutcome {
  const { summary, ...rows } = at(outcomes, 0);
  const mean = (valueOf: (outcome: TrialOutcome) => number) =>
    outcomes.reduce((sum, outcome) => sum + valueOf(outcome), 0) / outcomes.length;
  const meanByRow = (key: 'lossPoints' | 'costCutPercent' | 'gainPoints') =>
    Float64Array.from(rows[key], (_, row) => mean((outcome) => at(outcome[key], row)));
  const exitsAt = (tier: TierName) => mean((outcome) => outcome.summary.exitsByTier[tier]);
  return {
    summary: {
      ...summary,
      exitsByLayer: summary.exitsByLayer.map((_, index) => mean((outcome) => at(outcome.summary.exitsByLayer, index))),
      exitsByTier: { mobile: exitsAt('mobile'), edge: exitsAt('edge'), cloud: exitsAt('cloud') },
      meanLayers: mean((outcome) => outcome.summary.meanLayers),
      meanCost: mean((outcome) => outcome.summary.meanCost),
      costCutPercent: mean((outcome) => outcome.summary.costCutPercent),
    },
    quality: {
      accuracy: mean(({ quality }) => quality.accuracy),
      accuracyAtLastExit: mean(({ quality }) => quality.accuracyAtLastExit),
      agreementWithLastExit: mean(({ quality }) => quality.agreementWithLastExit),
    },
    lossPoints: meanByRow('lossPoints'),
    costCutPercent: meanByRow('costCutPercent'),
    gainPoints: meanByRow('gainPoints'),
  };
}
