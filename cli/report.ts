import { quantileSorted } from 'd3-array';
import { at } from '../core/numbers/at';
import { DEFAULT_COSTS } from '../core/cost';
import { isAbort, messageOf } from '../core/errors';
import { TIERS, type TierName } from '../core/layers';
import { type Manifest, type Task, taskOf } from '../core/model/manifest';
import { countedReadings, type ReadingCounts } from '../core/model/reading';
import { otherOrder, otherOrderSentence, wordsInOrder } from '../core/own-data/other-order';
import { f1Score, matthewsCorrelation, type RunSummary, summariseRows } from '../core/summary';
import type { EvaluateOptions } from './evaluate-options';
import type { Answer, EvaluatedSample } from './evaluation';
import { type Learning, learningLines } from './learning';
import type { WalkEnd } from './row-walk';
import { labelsOption, type ReadingReport, type Samples } from './samples';

/** What `--json` prints of every policy. Shares are 0 to 1; what needs labels is null without them. */
export interface Summary extends RunSummary {
  readonly task: string;
  readonly accuracy: number | null;
  readonly accuracyAtLastExit: number | null;
  readonly agreementWithLastExit: number;
  /** Points of accuracy lost to the last exit. */
  readonly lossPoints: number | null;
  /** Where it is the task's own measure. */
  readonly matthews?: number;
  /** Where it is the task's own measure. */
  readonly f1?: number;
  readonly model: { readonly id: string; readonly hash: string; readonly variant: string };
  readonly policy: EvaluateOptions['policy'];
  readonly plan: EvaluateOptions['plan'];
}

/** What it prints besides of a policy whose samples went through the tiers. */
export interface Transport {
  /** Between the mobile tier and the next, over all rows. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly payload: string;
  /** Address of the edge, or null where all tiers ran in this process. */
  readonly edgeUrl: string | null;
}

export type Report = Summary & Partial<Transport & Learning & { readonly readings: ReadingCounts }>;

/** What people should know of a run beside what its rows add up to. */
export interface Account {
  readonly file: ReadingReport;
  /** Rows that were to be run and have no answer. */
  readonly missing: number;
  readonly failed: readonly { readonly line: number; readonly message: string }[];
  /** Why the run ended before its last row. */
  readonly problem: string | null;
  /** Another order of classes, by which far more rows would be right. */
  readonly otherOrder: { readonly sentence: string; readonly option: string } | null;
}

/** What a policy did to the samples that were answered. */
export interface Run {
  readonly answers: readonly Answer[];
  /** The right label of each answer; undefined where they are not known. */
  readonly gold: readonly number[] | undefined;
  /** Of samples that went through the tiers. */
  readonly measured?: Transport;
  /** Of a policy that learnt on the way. */
  readonly learning?: Learning;
}

/** A run with how it ended. */
export interface EndedRun extends Run {
  /** The place of each answered row among the samples; answers of a policy with several passes repeat them. */
  readonly rows: ArrayLike<number>;
  readonly end: WalkEnd;
}

export function reportOf(
  { answers, gold, measured, learning }: Run,
  { task, variant, policy, plan }: EvaluateOptions,
  manifest: Manifest,
): Report {
  const { metric } = taskOf(manifest, task);
  const rows = {
    exitLayers: answers.map(({ exit }) => exit.layer),
    tiers: answers.map(({ tier }) => TIERS.indexOf(tier)),
    costs: answers.map(({ cost }) => cost),
  };
  const labels = answers.map(({ exit }) => exit.label);
  const lastLabels = answers.map(({ lastExit }) => lastExit.label);
  const judged = gold && ([shareOfSame(labels, gold), shareOfSame(lastLabels, gold)] as const);
  const [accuracy, accuracyAtLastExit] = judged ?? [null, null];
  return {
    task,
    ...summariseRows(rows, manifest.layers, DEFAULT_COSTS),
    ...{ accuracy, accuracyAtLastExit, agreementWithLastExit: shareOfSame(labels, lastLabels) },
    lossPoints: judged ? 100 * (judged[1] - judged[0]) : null,
    ...(gold && metric === 'matthews' && { matthews: matthewsCorrelation(labels, gold) }),
    ...(gold && metric === 'f1' && { f1: f1Score(labels, gold) }),
    model: { id: manifest.id, hash: manifest.hash, variant },
    policy,
    plan,
    ...measured,
    ...learning,
  };
}

/** What going through the tiers took. */
export function measuredOf(
  outcomes: readonly EvaluatedSample[],
  { payload, edgeUrl }: Pick<EvaluateOptions, 'payload' | 'edgeUrl'>,
): Transport {
  const latencies = outcomes.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  return {
    bytesUp: outcomes.reduce((sum, { bytesUp }) => sum + bytesUp, 0),
    bytesDown: outcomes.reduce((sum, { bytesDown }) => sum + bytesDown, 0),
    p50Ms: quantileSorted(latencies, 0.5) ?? Number.NaN,
    p95Ms: quantileSorted(latencies, 0.95) ?? Number.NaN,
    payload,
    edgeUrl: edgeUrl?.join(', ') ?? null,
  };
}

function shareOfSame(labels: readonly number[], others: readonly number[]): number {
  return labels.filter((label, row) => label === others[row]).length / labels.length;
}

/** What a run says of its file, and of what is not as it should be. */
export function accountOf(
  { answers, gold, rows, end }: EndedRun,
  { texts, lines, words, read }: Samples,
  { labels }: Task,
): Account {
  const lastLabels = answers.map(({ lastExit }) => lastExit.label);
  const order = gold && otherOrder(gold, lastLabels, labels.length);
  const known = words ?? new Map(labels.map((name, label) => [name, label]));
  return {
    file: read,
    missing: texts.length - rows.length,
    failed: end.failed.map(({ row, message }) => ({ line: at(lines, row), message })),
    problem: end.problem === undefined ? null : isAbort(end.problem) ? 'It was interrupted.' : messageOf(end.problem),
    otherOrder: order
      ? {
          sentence: otherOrderSentence(order, labels, words),
          option: labelsOption(wordsInOrder(known, order), labels),
        }
      : null,
  };
}

/** The same for people: name and value of each line. */
function accountLines({ file, missing, failed, problem, otherOrder: order }: Account): [string, string][] {
  const rowCount = (count: number) => (count === 1 ? '1 row' : `${count} rows`);
  const few = (rows: readonly string[]) => [...rows.slice(0, 3), ...(rows.length > 3 ? ['…'] : [])].join('; ');
  const leftOut = file.leftOut.map(({ line, reason }) => `${line}: ${reason}`);
  const failures = failed.map(({ line, message }) => `${line}: ${message}`);
  return [
    ['File', file.name],
    ...[...file.understood, ...file.warnings].map((sentence): [string, string] => ['', sentence]),
    ['Left out', leftOut.length === 0 ? '' : `${rowCount(leftOut.length)}; ${few(leftOut)}`],
    ['Not answered', missing === 0 ? '' : [rowCount(missing), problem ?? '', few(failures)].filter(Boolean).join('; ')],
    ['Labels', order ? `${order.sentence} Give ${order.option}` : ''],
  ];
}

/** The report of a run for people. */
export function tableOf(
  report: Report,
  { measured, learning }: Pick<Run, 'measured' | 'learning'>,
  account?: Account,
): string {
  const { policy, plan, rows, exitsByTier } = report;
  const parameters = Object.entries(policy.parameters).map(([id, value]) => `${id} ${value}`);
  const percent = (share: number | null) => (share === null ? '' : `${(100 * share).toFixed(2)} %`);
  const byTier = (tier: TierName) => `${tier} ${exitsByTier[tier]} (${percent(exitsByTier[tier] / rows)})`;
  const lines: [string, string][] = [
    ...(account ? accountLines(account) : []),
    ['Model', `${report.model.id} ${report.model.variant}`],
    ['Task', `${report.task}, ${rows} rows`],
    ['Of the texts', report.readings ? countedReadings(report.readings).join(', ') : ''],
    ['Policy', [policy.id, ...parameters].join(', ')],
    ['Plan', `mobile to layer ${plan.mobileLayers}, edge to ${plan.edgeLayers}`],
    ['Accuracy', percent(report.accuracy)],
    ['Accuracy at the last exit', percent(report.accuracyAtLastExit)],
    ['Loss to the last exit', report.lossPoints === null ? '' : `${report.lossPoints.toFixed(2)} points`],
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
    ...(measured ? measuredLines(measured) : []),
    ...(learning ? learningLines(learning) : []),
  ];
  const told = lines.filter(([, value]) => value !== '');
  const width = Math.max(...told.map(([name]) => name.length));
  return told.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

function measuredLines({ edgeUrl, payload, bytesUp, bytesDown, p50Ms, p95Ms }: Transport): [string, string][] {
  return [
    ['Edge', `${edgeUrl ?? 'in process'}, hidden states as ${payload}`],
    ['Bytes', `${bytesUp} up, ${bytesDown} down`],
    ['Latency', `p50 ${p50Ms.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms`],
  ];
}
