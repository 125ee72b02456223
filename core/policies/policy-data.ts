import * as v from 'valibot';
import { DimeeError } from '../errors';
import type { Manifest } from '../model/manifest';

/** Features of an exit that the learned exit weighs (`exit-features.ts` computes them). */
export const EXIT_FEATURES = ['confidenceLogit', 'margin', 'agreement', 'run', 'previousConfidenceLogit'] as const;

/** The calibrated confidences of an exit are kept at 0, 5, … 100 % of the rows. */
export const QUANTILES = 21;

const number = v.pipe(v.number(), v.finite());
const share = v.pipe(number, v.minValue(0), v.maxValue(1));
const layer = v.pipe(v.number(), v.integer(), v.minValue(1));
const vector = v.array(number);

const logistic = v.object({ weight: number, bias: number });

const pools = v.object({
  /** Of the embeddings of easy, moderate and hard samples, `[3, hidden]`. */
  centroids: v.pipe(v.array(vector), v.length(3)),
  /** Of the calibration rows, in each pool. */
  shares: v.pipe(v.array(share), v.length(3)),
});

const schema = v.object({
  format: v.literal(1),
  task: v.string(),
  /** Rows of the calibration split that all of this was fitted on. */
  rows: layer,
  /** Those of DIMEC-DC come from training dynamics, which not every model has. */
  pools: v.object({ dimee: v.exactOptional(pools), dimecDc: v.exactOptional(pools) }),
  /** A logistic regression per exit: the probability that this exit is right. Weights are `[layers, features + 1]`, the bias last. */
  learnedExit: v.object({ features: v.array(v.picklist(EXIT_FEATURES)), weights: v.array(vector) }),
  /**
   * Of each exit but the last, given ln(p / (1 − p)) of its confidence: whether just one of it and the last exit is right,
   * and if so, whether the last one is.
   */
  expectedLosses: v.array(v.object({ changes: logistic, lastIsRight: logistic })),
  /** Calibrated confidences, `[layers, QUANTILES]`, ascending. */
  quantiles: v.array(v.pipe(v.array(share), v.length(QUANTILES))),
  /** Share of wrong labels, `[layers]`. */
  errorRates: v.array(share),
});

/** What `policies/<task>.json` of a model holds. Everything in it was fitted on the calibration split. */
export type PolicyData = v.InferOutput<typeof schema>;

/** @throws DimeeError `BAD_MANIFEST`, naming the first field that is wrong or does not fit the model. */
export function parsePolicyData(json: string, taskId: string, manifest: Manifest): PolicyData {
  const parsed = v.safeParse(schema, parseJson(json, taskId));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw bad(taskId, `are not valid at “${v.getDotPath(issue) ?? 'their top'}”: ${issue.message}`);
  }
  const data = parsed.output;
  if (data.task !== taskId) throw bad(taskId, `are those of “${data.task}”`);
  const { layers, hidden } = manifest;
  const { features, weights } = data.learnedExit;
  checkShape(taskId, 'learnedExit.weights', weights, layers, features.length + 1);
  if (data.expectedLosses.length !== layers - 1) {
    throw bad(taskId, `do not fit the model: “expectedLosses” must be of ${layers - 1} exits`);
  }
  checkShape(taskId, 'quantiles', data.quantiles, layers, QUANTILES);
  checkShape(taskId, 'errorRates', [data.errorRates], 1, layers);
  for (const [kind, { centroids }] of Object.entries(data.pools)) {
    checkShape(taskId, `pools.${kind}.centroids`, centroids, 3, hidden);
  }
  return data;
}

function checkShape(task: string, field: string, rows: readonly (readonly number[])[], count: number, length: number) {
  if (rows.length === count && rows.every((row) => row.length === length)) return;
  throw bad(task, `do not fit the model: “${field}” must be ${count} × ${length} numbers`);
}

function parseJson(json: string, task: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw bad(task, 'are not JSON', cause);
  }
}

function bad(task: string, problem: string, cause?: unknown): DimeeError {
  return new DimeeError('BAD_MANIFEST', `The numbers fitted for “${task}” ${problem}.`, { cause });
}
