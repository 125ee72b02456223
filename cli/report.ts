import { DEFAULT_COSTS } from '../core/cost';
import { TIERS, type TierName } from '../core/layers';
import type { Manifest } from '../core/model/manifest';
import { f1Score, matthewsCorrelation, type RunSummary, summariseRows } from '../core/summary';
import type { EvaluateOptions } from './evaluate-options';
import type { Outcome } from './evaluation';

/** What `--json` prints. Shares are 0 to 1; what needs labels is null without them. */
export interface Report extends RunSummary {
  readonly task: string;
  readonly accuracy: number | null;
  readonly accuracyAtLastExit: number | null;
  readonly agreementWithLastExit: number;
  /** The measure that GLUE takes for CoLA. */
  readonly matthews?: number;
  /** The measure that GLUE takes for MRPC and QQP, beside accuracy. */
  readonly f1?: number;
  /** Between the mobile tier and the next, over all rows. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly model: { readonly id: string; readonly hash: string; readonly variant: string };
  readonly policy: EvaluateOptions['policy'];
  readonly plan: EvaluateOptions['plan'];
  readonly payload: string;
  /** Address of the edge, or null where all tiers ran in this process. */
  readonly edgeUrl: string | null;
}

/** Sums up outcomes; `gold` has a label for each, or is undefined. */
export function reportOf(
  outcomes: readonly Outcome[],
  gold: readonly number[] | undefined,
  options: EvaluateOptions,
  manifest: Manifest,
): Report {
  const { task, variant, policy, plan, payload, edgeUrl } = options;
  const rows = {
    exitLayers: outcomes.map(({ exit }) => exit.layer),
    tiers: outcomes.map(({ tier }) => TIERS.indexOf(tier)),
    costs: outcomes.map(({ cost }) => cost),
  };
  const labels = outcomes.map(({ exit }) => exit.label);
  const lastLabels = outcomes.map(({ lastExit }) => lastExit.label);
  const latencies = outcomes.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  return {
    task,
    ...summariseRows(rows, manifest.layers, DEFAULT_COSTS),
    accuracy: gold ? shareOfSame(labels, gold) : null,
    accuracyAtLastExit: gold ? shareOfSame(lastLabels, gold) : null,
    agreementWithLastExit: shareOfSame(labels, lastLabels),
    ...(gold && task === 'cola' && { matthews: matthewsCorrelation(labels, gold) }),
    ...(gold && (task === 'mrpc' || task === 'qqp') && { f1: f1Score(labels, gold) }),
    bytesUp: outcomes.reduce((sum, { bytesUp }) => sum + bytesUp, 0),
    bytesDown: outcomes.reduce((sum, { bytesDown }) => sum + bytesDown, 0),
    p50Ms: quantile(latencies, 0.5),
    p95Ms: quantile(latencies, 0.95),
    model: { id: manifest.id, hash: manifest.hash, variant },
    policy,
    plan,
    payload,
    edgeUrl: edgeUrl ?? null,
  };
}

function shareOfSame(labels: readonly number[], others: readonly number[]): number {
  return labels.filter((label, row) => label === others[row]).length / labels.length;
}

/** The smallest value that at least this share of the sorted values does not exceed. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}

/** The report for people. */
export function tableOf(report: Report): string {
  const { policy, plan, rows, exitsByTier } = report;
  const parameters = Object.entries(policy.parameters).map(([id, value]) => `${id} ${value}`);
  const percent = (share: number | null) => (share === null ? '' : `${(100 * share).toFixed(2)} %`);
  const byTier = (tier: TierName) => `${tier} ${exitsByTier[tier]} (${percent(exitsByTier[tier] / rows)})`;
  const lines: [string, string][] = [
    ['Model', `${report.model.id} ${report.model.variant}`],
    ['Task', `${report.task}, ${rows} rows`],
    ['Policy', [policy.id, ...parameters].join(', ')],
    ['Plan', `mobile to layer ${plan.mobileLayers}, edge to ${plan.edgeLayers}, hidden states as ${report.payload}`],
    ['Edge', report.edgeUrl ?? 'in process'],
    ['Accuracy', percent(report.accuracy)],
    ['Accuracy at the last exit', percent(report.accuracyAtLastExit)],
    ['Agreement with the last exit', percent(report.agreementWithLastExit)],
    ['Matthews correlation', report.matthews?.toFixed(4) ?? ''],
    ['F1', report.f1?.toFixed(4) ?? ''],
    ['Exits by layer', report.exitsByLayer.join(' ')],
    ['Exits by tier', TIERS.map(byTier).join(', ')],
    ['Mean layers', report.meanLayers.toFixed(2)],
    [
      'Mean cost',
      `${report.meanCost.toFixed(2)}, all-cloud ${report.allCloudCost}: ${report.costCutPercent.toFixed(1)} % less`,
    ],
    ['Bytes', `${report.bytesUp} up, ${report.bytesDown} down`],
    ['Latency', `p50 ${report.p50Ms.toFixed(1)} ms, p95 ${report.p95Ms.toFixed(1)} ms`],
  ];
  const told = lines.filter(([, value]) => value !== '');
  const width = Math.max(...told.map(([name]) => name.length));
  return told.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
