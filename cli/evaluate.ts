import { readFile, writeFile } from 'node:fs/promises';
import { DimeeError } from '../core/errors';
import { type Manifest, taskOf, type Task } from '../core/model/manifest';
import { at } from '../core/numbers/at';
import { StateCodecs } from '../core/payload/state-codecs';
import { PolicyFiles } from '../core/trace/policy-files';
import { RemoteTier } from '../core/protocol/remote-tier';
import { parseLabelledTsv, parseSentences } from '../core/own-data/samples';
import { runCommand } from '../edge-server/command-line';
import { OnnxRuntimes } from '../edge-server/runtimes';
import { ModelFolder } from '../edge-server/model-folder';
import { openSocket } from '../edge-server/web-socket';
import { type EvaluateOptions, HELP, isReplayed, optionsFor, readEvaluateOptions } from './evaluate-options';
import { Evaluation, type EvaluatedSample } from './evaluation';
import { countReadings, readRows, type Readings, type Samples, sentencesAmong } from './readings';
import { recordExits, runRecorded } from './recorded-run';
import { measuredOf, reportOf, type Run, tableOf } from './report';

/** Samples run before the first one is measured: by then every layer is loaded. */
const WARM_UP_ROWS = 3;

async function main(): Promise<void> {
  const request = readEvaluateOptions(process.argv.slice(2));
  const model = await ModelFolder.open(request.model);
  const { manifest } = model;
  const options = optionsFor(request, manifest);
  const task = taskOf(manifest, options.task);
  const given = await readSamples(options, task);
  const codecs = new StateCodecs(manifest, (file) => model.read(file));
  const policyFiles = new PolicyFiles(manifest, (file) => model.read(file));
  const runtime = new OnnxRuntimes(model, { threads: 1 }).of(options.variant);
  const edge = wayToEdge(options, manifest, codecs);
  try {
    const readings = await readRows(runtime, given.texts);
    const samples = sentencesAmong(given, readings);
    const evaluation = new Evaluation({ ...options, manifest, codecs, policyFiles, runtime, edge });
    const run = isReplayed(options.contender)
      ? await runOverExits(evaluation, samples, options, manifest)
      : await runThroughTiers(evaluation, samples, options);
    const report = { ...reportOf(run, options, manifest), readings: countReadings(readings) };
    if (options.predictions !== undefined) {
      await writeFile(options.predictions, predictionsOf(run, samples, readings, task));
    }
    console.log(options.json ? JSON.stringify(report, null, 2) : tableOf(report, run));
  } finally {
    edge?.close();
  }
}

async function readSamples({ file, sentences, limit }: EvaluateOptions, task: Task): Promise<Omit<Samples, 'indices'>> {
  if (file !== undefined) {
    const rows = parseLabelledTsv(await readText(file), task).slice(0, limit);
    return { texts: rows.map(({ texts }) => texts), gold: rows.map(({ gold }) => gold) };
  }
  const lines = parseSentences(await readText(sentences ?? ''), task.pair);
  const problems = lines.flatMap(({ problem }) => problem ?? []);
  const texts = lines.flatMap(({ texts: sample, problem }) => (problem === undefined ? [sample] : [])).slice(0, limit);
  if (texts.length === 0) throw new DimeeError('BAD_INPUT', problems[0] ?? `There are no sentences in ${sentences}.`);
  for (const problem of problems) console.error(`Left out: ${problem}`);
  return { texts, gold: undefined };
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new DimeeError('BAD_CONFIGURATION', `The file ${path} cannot be read.`, { cause });
  });
}

function wayToEdge(
  { edgeUrl: url, variant }: EvaluateOptions,
  { hash: modelHash }: Manifest,
  codecs: StateCodecs,
): RemoteTier | undefined {
  if (url === undefined) return undefined;
  const way = { from: 'mobile', to: 'edge', codecs } as const;
  return new RemoteTier({
    ...way,
    url,
    modelHash,
    variant,
    client: 'evaluate',
    openSocket,
    now: () => performance.now(),
  });
}

async function runThroughTiers(evaluation: Evaluation, samples: Samples, options: EvaluateOptions): Promise<Run> {
  const { texts: rows, gold } = samples;
  for (const texts of rows.slice(0, WARM_UP_ROWS)) await evaluation.run(texts);
  const answers: EvaluatedSample[] = [];
  for (const texts of rows) {
    answers.push(await evaluation.run(texts));
    showProgress(answers.length, rows.length);
  }
  return { answers, gold, measured: measuredOf(answers, options) };
}

async function runOverExits(
  evaluation: Evaluation,
  { texts, gold = [] }: Samples,
  options: EvaluateOptions,
  manifest: Manifest,
): Promise<Run> {
  const about = { task: options.task, manifest };
  const recorded = await recordExits(evaluation, texts, gold, about, (done) => showProgress(done, texts.length));
  return runRecorded(recorded, options.contender, { ...options, hidden: manifest.hidden });
}

function showProgress(done: number, rows: number): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(done < rows ? `\r${done} of ${rows} rows` : '\r\u001b[K');
}

/** One line of JSON an answer, without the sample’s text, and then one for each row that is no sentence. */
function predictionsOf({ answers }: Run, { indices }: Samples, readings: Readings, task: Task): string {
  const answered = answers.map(({ exit: { layer: exitLayer, label, confidence }, tier, learnt }, answer) => {
    const index = at(indices, answer % indices.length);
    const { tokens, read: tokensRead, unknown: tokensUnknown } = readings[index] ?? {};
    const read = { tokens, tokensRead, tokensUnknown };
    return { index, label: task.labels[label], exitLayer, tier, confidence, ...read, ...learnt };
  });
  const unanswered = readings.flatMap((reading, index) =>
    reading ? [] : [{ index, label: null, reason: 'NO_KNOWN_TOKEN' }],
  );
  return [...answered, ...unanswered].map((line) => `${JSON.stringify(line)}\n`).join('');
}

runCommand(process.argv, HELP, main);
