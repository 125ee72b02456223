import { setTimeout as sleep } from 'node:timers/promises';
import { at } from '../core/numbers/at';
import { DimeeError, isAbort } from '../core/errors';
import { type Manifest, taskExits, taskOf, type Task } from '../core/model/manifest';
import type { Texts } from '../core/model/tokens';
import { StateCodecs } from '../core/payload/state-codecs';
import { PolicyFiles } from '../core/trace/policy-files';
import { type TimedSample, traceFile } from '../core/timeline/trace-events';
import { USUAL_PATIENCE_MS } from '../core/protocol/link';
import { type ClosableTier, wayToTiers } from '../core/protocol/way-to-tiers';
import { runCommand } from '../edge-server/command-line';
import { OnnxRuntimes } from '../edge-server/runtimes';
import { ModelFolder } from '../edge-server/model-folder';
import { openSocket } from '../edge-server/web-socket';
import { type EvaluateOptions, HELP, isReplayed, optionsFor, readEvaluateOptions } from './evaluate-options';
import { type Answer, Evaluation, type EvaluatedSample } from './evaluation';
import { checkApart, OutputFile } from './output-files';
import { recordExits, runRecorded } from './recorded-run';
import { accountOf, type EndedRun, measuredOf, reportOf, tableOf } from './report';
import { countReadings, readRows, type SampleReadings, type Sentences, sentencesAmong } from './readings';
import { ResultsFile } from './results-file';
import { patientWalk, type Walk } from './row-walk';
import { progressLine } from './progress-line';
import { readSamples, type Samples } from './samples';

/** Samples run before the first one is measured: by then every layer is loaded. */
const WARM_UP_ROWS = 3;
/** What a shell calls a process that a signal ended: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/** Everything that a run takes place in. */
interface Stage {
  readonly evaluation: Evaluation;
  readonly samples: Sentences;
  readonly readings: SampleReadings;
  readonly options: EvaluateOptions;
  readonly manifest: Manifest;
  readonly task: Task;
  readonly outputs: Outputs;
  readonly walk: Walk;
}

interface Outputs {
  readonly results: OutputFile | undefined;
  readonly predictions: OutputFile | undefined;
  readonly timeline: OutputFile | undefined;
}

async function main(): Promise<void> {
  const request = readEvaluateOptions(process.argv.slice(2), process.env);
  const outputs = openOutputs(request);
  const model = await ModelFolder.open(request.model);
  const { manifest } = model;
  const options = optionsFor(request, manifest);
  const task = taskOf(manifest, options.task);
  const given = await readSamples(options, task);
  if (isReplayed(options.contender) && !given.gold) throw needsLabels(options);
  tellOf(given);
  const codecs = new StateCodecs(manifest, (file) => model.read(file));
  const policyFiles = new PolicyFiles(manifest, (file) => model.read(file));
  const runtime = new OnnxRuntimes(model, { threads: 1 }).of(options.variant);
  const edge = wayToEdge(options, manifest, codecs);
  try {
    const readings = await readRows(runtime, given.texts);
    const samples = sentencesAmong(given, readings);
    const evaluation = new Evaluation({ ...options, manifest, codecs, policyFiles, runtime, edge });
    const walk = patientWalk({ ...walkOptions(), giveUpAfter: options.giveUpAfter });
    const stage = { evaluation, samples, readings, options, manifest, task, outputs, walk };
    const run = await (isReplayed(options.contender) ? runOverExits(stage) : runThroughTiers(stage));
    print(run, stage);
    sayHowItEnded(run, stage);
  } finally {
    edge?.close();
  }
}

/** All that will be written is opened before anything is run. */
function openOutputs({
  file,
  sentences,
  results,
  predictions,
  timeline,
  resume,
}: ReturnType<typeof readEvaluateOptions>): Outputs {
  const inputs = { '--file': file, '--sentences': sentences };
  checkApart({ ...inputs, '--predictions': predictions, '--results': results, '--timeline': timeline });
  const outputs = {
    results: results === undefined ? undefined : OutputFile.open('--results', results),
    predictions: predictions === undefined ? undefined : OutputFile.open('--predictions', predictions),
    timeline: timeline === undefined ? undefined : OutputFile.open('--timeline', timeline),
  };
  if (!resume && outputs.results && !outputs.results.isEmpty) {
    const advice = 'Go on with it by --resume, or name another file.';
    throw new DimeeError('BAD_CONFIGURATION', `--results ${results} has rows of a run already. ${advice}`);
  }
  return outputs;
}

function needsLabels({ contender, file }: EvaluateOptions): DimeeError {
  const problem = `“${contender.id}” is judged by the right labels, and ${file} has none`;
  return new DimeeError('BAD_CONFIGURATION', `${problem}. Give labelled samples with --file.`);
}

/** What is not as one might expect is said before the run, which may take hours. */
function tellOf({ read: { warnings, leftOut } }: Samples): void {
  for (const warning of warnings) tell(warning);
  const [first] = leftOut;
  const count = leftOut.length === 1 ? '1 row does not fit and is' : `${leftOut.length} rows do not fit and are`;
  if (first) tell(`${count} left out; line ${first.line} ${first.reason}.`);
}

function tell(line: string): void {
  process.stderr.write(`${process.stderr.isTTY ? '\r\u001b[K' : ''}${line}\n`);
}

/** The first of these signals ends the run after what is under way, the next one the process. */
function walkOptions() {
  const stopping = new AbortController();
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.once(signal, () => {
      process.exitCode = code;
      stopping.abort();
    });
  }
  const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal });
  const now = () => performance.now();
  return { signal: stopping.signal, now, sleep: pause, tell, onProgress: progressLine(process.stderr, now) };
}

function wayToEdge(
  { edgeUrl: urls, tokenFile, variant }: EvaluateOptions,
  { hash: modelHash }: Manifest,
  codecs: StateCodecs,
): ClosableTier | undefined {
  if (urls === undefined) return undefined;
  const way = { from: 'mobile', to: 'edge', codecs } as const;
  const token = tokenFile?.reveal();
  const addresses = urls.map((url) => ({ url, token }));
  return wayToTiers(addresses, {
    ...way,
    modelHash,
    variant,
    client: 'evaluate',
    // Whether a tier is waited for is the walk's decision.
    patienceMs: USUAL_PATIENCE_MS,
    openSocket,
    now: () => performance.now(),
  });
}

/** Rows are written as they are answered; the report is of those that are. */
async function runThroughTiers(stage: Stage): Promise<EndedRun> {
  const { evaluation, samples, options, outputs, walk } = stage;
  const { texts, gold } = samples;
  const { results, known } = await resultsOf(stage);
  const answers = new Map(known);
  const predict = (row: number, answer: Answer) => outputs.predictions?.write(predictionOf(row, answer, stage));
  outputs.predictions?.clear();
  known.forEach((answer, row) => predict(row, answer));
  const end = await walk(
    texts,
    warmedUp(evaluation, texts),
    (row, answer) => {
      // Times are many times larger than the answer, and a run may have millions of rows.
      answers.set(row, outputs.timeline ? answer : { ...answer, times: undefined });
      results?.write(row, answer);
      predict(row, answer);
    },
    (row) => known.has(row),
  );
  predictNoSentences(stage);
  const rows = [...answers.keys()].sort((one, other) => one - other);
  if (rows.length === 0)
    throw end.problem ?? new DimeeError('BAD_INPUT', end.failed[0]?.message ?? 'No row was answered.');
  const found = rows.map((row) => answerAt(answers, row));
  writeTimeline(rows, found, stage);
  return {
    answers: found,
    rows,
    gold: gold && rows.map((row) => at(gold, row)),
    measured: measuredOf(found, options),
    end,
  };
}

function writeTimeline(rows: readonly number[], answers: readonly EvaluatedSample[], stage: Stage): void {
  const { samples, task, outputs } = stage;
  if (!outputs.timeline) return;
  const timed = answers.flatMap(({ times, exit }, index): TimedSample | [] => {
    if (!times) return [];
    const name = `line ${at(samples.lines, at(rows, index))}`;
    const logits = times.steps.map((step) => step.logits);
    return { name, runs: [times], exits: taskExits(task, logits), exitLayer: exit.layer };
  });
  if (timed.length < rows.length) {
    tell(
      `The timeline is of ${timed.length} of ${rows.length} rows: of those that an earlier run answered no times are known.`,
    );
  }
  outputs.timeline.clear();
  for (const part of traceFile(timed, task.labels)) outputs.timeline.write(part);
}

function answerAt(answers: ReadonlyMap<number, EvaluatedSample>, row: number): EvaluatedSample {
  const answer = answers.get(row);
  if (answer) return answer;
  throw new RangeError(`Row ${row} has no answer.`);
}

/** Answers rows, the first of them only once every layer is loaded. */
function warmedUp(evaluation: Evaluation, rows: readonly Texts[]) {
  let isWarm = false;
  return async (texts: Texts, signal: AbortSignal): Promise<EvaluatedSample> => {
    if (!isWarm) for (const first of rows.slice(0, WARM_UP_ROWS)) await evaluation.run(first, signal);
    isWarm = true;
    return evaluation.run(texts, signal);
  };
}

/** The results file, and the answers that are in it already. */
async function resultsOf({ samples, options, manifest, task, outputs: { results: output } }: Stage) {
  const known = new Map<number, EvaluatedSample>();
  if (!output) return { results: undefined, known };
  const { policy, plan, payload, variant } = options;
  const model = { id: manifest.id, hash: manifest.hash, variant };
  const settings = { task: options.task, model, policy, plan, payload, edge: options.edgeUrl !== undefined };
  if (options.resume && !output.isEmpty) return ResultsFile.resume(output, samples, task, settings);
  return { results: ResultsFile.begin(output, samples, task, settings), known };
}

async function runOverExits(stage: Stage): Promise<EndedRun> {
  const { evaluation, samples, options, manifest, outputs, walk } = stage;
  const { texts, gold = [] } = samples;
  const { recorded, rows, end } = await recordExits(evaluation, texts, gold, { task: options.task, manifest }, walk);
  const run = runRecorded(recorded, options.contender, { ...options, hidden: manifest.hidden });
  outputs.predictions?.clear();
  run.answers.forEach((answer, index) =>
    outputs.predictions?.write(predictionOf(at(rows, index % rows.length), answer, stage)),
  );
  predictNoSentences(stage);
  return { ...run, rows, end };
}

/** One line of JSON, without the sample’s text. */
function predictionOf(row: number, { exit, tier, learnt }: Answer, { samples, task: { labels } }: Stage): string {
  const { layer: exitLayer, label, confidence } = exit;
  const { tokens, read: tokensRead, unknown: tokensUnknown } = at(samples.readings, row);
  const read = { tokens, tokensRead, tokensUnknown };
  const index = at(samples.indices, row);
  return `${JSON.stringify({ index, label: labels[label], exitLayer, tier, confidence, ...read, ...learnt })}\n`;
}

function predictNoSentences({ readings, outputs: { predictions } }: Stage): void {
  readings.forEach((reading, index) => {
    if (!reading) predictions?.write(`${JSON.stringify({ index, label: null, reason: 'NO_KNOWN_TOKEN' })}\n`);
  });
}

function print(run: EndedRun, { samples, readings, options, manifest, task }: Stage): void {
  const report = { ...reportOf(run, options, manifest), readings: countReadings(readings) };
  const account = accountOf(run, samples, task);
  console.log(options.json ? JSON.stringify({ ...report, ...account }, null, 2) : tableOf(report, run, account));
  if (options.json && account.otherOrder) tell(`${account.otherOrder.sentence} Give ${account.otherOrder.option}`);
}

/** Says last, and by the exit code, that rows are missing. @throws DimeeError where the run did not end by itself. */
function sayHowItEnded({ end: { failed, problem }, rows }: EndedRun, { samples, options }: Stage): void {
  const missing = samples.texts.length - rows.length;
  if (missing === 0) return;
  process.exitCode ??= 1;
  const advice = options.results === undefined ? '' : ' Go on with --resume.';
  tell(`The report is of ${rows.length} of ${samples.texts.length} rows: ${missing} are missing.${advice}`);
  if (problem === undefined) tell(`${failed.length} rows gave no answer.`);
  else if (!isAbort(problem)) throw problem;
}

runCommand(process.argv, HELP, main);
