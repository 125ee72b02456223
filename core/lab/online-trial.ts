import { at } from '../numbers/at';
import { costCutPercent, type CostWeights } from '../cost';
import { type TierName, TIERS } from '../layers';
import { type OnlinePolicy, OnlineRun } from '../online';
import { qualityOfAnswers, type RunSummary, summariseRows } from '../summary';
import type { CalibratedTrace } from '../trace/calibrated-trace';
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
function outcomeOf(run: OnlineRun, { trace, labels }: CalibratedTrace, weights: CostWeights): TrialOutcome {
  const { rows, layers, gold } = trace;
  const [exitLayers, tiers, costs] = [new Uint8Array(rows), new Uint8Array(rows), new Float64Array(rows)];
  run.advance(rows, ({ row, exitLayer, tier, cost }) => {
    exitLayers[row] = exitLayer;
    tiers[row] = TIERS.indexOf(tier);
    costs[row] = cost;
  });
  const labelAt = (row: number, layer: number) => at(labels, row * layers + layer - 1);
  const answers = exitLayers.map((layer, row) => labelAt(row, layer));
  const lastLabels = answers.map((_, row) => labelAt(row, layers));
  const isRight = (label: number | undefined, row: number) => Number(label === gold[row]);
  return {
    summary: summariseRows({ exitLayers, tiers, costs }, layers, weights),
    quality: qualityOfAnswers(answers, lastLabels, gold),
    lossPoints: Float64Array.from(answers, (label, row) => 100 * (isRight(lastLabels[row], row) - isRight(label, row))),
    costCutPercent: costs.map((cost) => costCutPercent(cost, layers, weights)),
  };
}

function meanOf(outcomes: readonly TrialOutcome[]): TrialOutcome {
  const mean = (valueOf: (outcome: TrialOutcome) => number) =>
    outcomes.reduce((sum, outcome) => sum + valueOf(outcome), 0) / outcomes.length;
  const meanByRow = (key: 'lossPoints' | 'costCutPercent') =>
    Float64Array.from(at(outcomes, 0)[key], (_, row) => mean((outcome) => at(outcome[key], row)));
  return {
    summary: meanSummary(outcomes.map(({ summary }) => summary)),
    quality: {
      accuracy: mean(({ quality }) => quality.accuracy),
      accuracyAtLastExit: mean(({ quality }) => quality.accuracyAtLastExit),
      agreementWithLastExit: mean(({ quality }) => quality.agreementWithLastExit),
    },
    lossPoints: meanByRow('lossPoints'),
    costCutPercent: meanByRow('costCutPercent'),
  };
}

/** Of runs over the same rows under the same costs. */
function meanSummary(summaries: readonly RunSummary[]): RunSummary {
  const [first] = summaries;
  if (!first) throw new RangeError('There must be one run at least.');
  const mean = (valueOf: (summary: RunSummary) => number) =>
    summaries.reduce((sum, summary) => sum + valueOf(summary), 0) / summaries.length;
  const exitsAt = (tier: TierName) => mean(({ exitsByTier }) => exitsByTier[tier]);
  return {
    ...first,
    exitsByLayer: first.exitsByLayer.map((_, index) => mean(({ exitsByLayer }) => at(exitsByLayer, index))),
    exitsByTier: { mobile: exitsAt('mobile'), edge: exitsAt('edge'), cloud: exitsAt('cloud') },
    meanLayers: mean(({ meanLayers }) => meanLayers),
    meanCost: mean(({ meanCost }) => meanCost),
    costCutPercent: mean(({ costCutPercent }) => costCutPercent),
  };
}
