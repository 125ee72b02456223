import { at } from '../numbers/at';
import { costCutPercent, type CostWeights } from '../cost';
import { type TierName, TIERS } from '../layers';
import { type OnlinePolicy, OnlineRun } from '../online';
import { lossesOfAnswers, qualityOfAnswers, summariseRows } from '../summary';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import { answersAt, lastLabelsOf } from '../trace/replay';
import type { TrialOutcome } from './policy-trial';
import type { LabSetting } from './setting';

/** An online policy is run once for each of these seeds, through the rows in another order each time. */
export const ONLINE_SEEDS: readonly number[] = [1, 2, 3];

/** What a trial of an online policy takes place in. */
export type OnlineTrialSetting = Omit<LabSetting, 'calibration' | 'fitted'>;

/**
 * What an online policy with its default parameters does to the rows while it learns, each row once a run; all is the mean
 * over runs, row by row, so that the bootstrap draws rows as it does for other policies. Nothing is chosen on the
 * calibration split: the policy comes to these rows knowing nothing, and what it does badly at first is counted.
 */
export function tryOnline(policy: OnlinePolicy, setting: OnlineTrialSetting): TrialOutcome {
  const { evaluation, plan, costs, hidden } = setting;
  return meanOf(
    ONLINE_SEEDS.map((seed) =>
      outcomeOf(new OnlineRun(evaluation, { policy, plan, costs, hidden, seed }), evaluation, costs),
    ),
  );
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
  return {
    summary: summariseRows({ exitLayers, tiers, costs }, layers, weights),
    quality: qualityOfAnswers(answers, lastLabels, gold),
    lossPoints: lossesOfAnswers(answers, lastLabels, gold),
    costCutPercent: costs.map((cost) => costCutPercent(cost, layers, weights)),
  };
}

/** Of runs over the same rows under the same costs. */
function meanOf(outcomes: readonly TrialOutcome[]): TrialOutcome {
  const { summary, ...rows } = at(outcomes, 0);
  const mean = (valueOf: (outcome: TrialOutcome) => number) =>
    outcomes.reduce((sum, outcome) => sum + valueOf(outcome), 0) / outcomes.length;
  const meanByRow = (key: 'lossPoints' | 'costCutPercent') =>
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
  };
}
