import { readFile, writeFile } from 'node:fs/promises';
import { DimeeError } from '../core/errors';
import { type Manifest, taskOf, type Task } from '../core/model/manifest';
import { StateCodecs } from '../core/payload/state-codecs';
import type { Texts } from '../core/model/tokens';
import { PolicyFiles } from '../core/trace/policy-files';
import { RemoteTier } from '../core/protocol/remote-tier';
import { parseLabelledTsv, parseSentences } from '../core/own-data/samples';
import { runCommand } from '../edge-server/command-line';
import { OnnxRuntimes } from '../edge-server/runtimes';
import { ModelFolder } from '../edge-server/model-folder';
import { openSocket } from '../edge-server/web-socket';
import { type EvaluateOptions, HELP, isReplayed, optionsFor, readEvaluateOptions } from './evaluate-options';
import { Evaluation, type EvaluatedSample } from './evaluation';
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
  const samples = await readSamples(options, task);
  const codecs = new StateCodecs(manifest, (file) => model.read(file));
  const policyFiles = new PolicyFiles(manifest, (file) => model.read(file));
  const runtime = new OnnxRuntimes(model, { threads: 1 }).of(options.variant);
  const edge = wayToEdge(options, manifest, codecs);
  try {
    const evaluation = new Evaluation({ ...options, manifest, codecs, policyFiles, runtime, edge });
    const run = isReplayed(options.contender)
      ? await runOverExits(evaluation, samples, options, manifest)
      : await runThroughTiers(evaluation, samples, options);
    const report = reportOf(run, options, manifest);
    if (options.predictions !== undefined) await writeFile(options.predictions, predictionsOf(run, samples, task));
    console.log(options.json ? JSON.stringify(report, null, 2) : tableOf(report, run));
  } finally {
    edge?.close();
  }
}

interface Samples {
  readonly texts: readonly Texts[];
  readonly gold: readonly number[] | undefined;
}

async function readSamples({ file, sentences, limit }: EvaluateOptions, task: Task): Promise<Samples> {
  if (file !== undefined) {
    const rows = parseLabelledTsv(await readText(file), task).slice(0, limit);
    return { texts: rows.map(({ texts }) => texts), gold: rows.map(({ gold }) => gold) };
  }
  const texts = parseSentences(await readText(sentences ?? ''), task.pair).slice(0, limit);
  if (texts.length === 0) throw new DimeeError('BAD_INPUT', `There are no sentences in ${sentences}.`);
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

/** One line of JSON an answer, without the sample’s text. */
function predictionsOf({ answers }: Run, { texts }: Samples, task: Task): string {
  const lines = answers.map(({ exit: { layer: exitLayer, label, confidence }, tier, learnt }, index) =>
    JSON.stringify({
      ...{ index: index % texts.length, label: task.labels[label], exitLayer, tier, confidence },
      ...learnt,
    }),
  );
  return `${lines.join('\n')}\n`;
}

runCommand(process.argv, HELP, main);
