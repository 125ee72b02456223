import { readFile, writeFile } from 'node:fs/promises';
import { DimeeError } from '../core/errors';
import { taskOf, type Task } from '../core/model/manifest';
import type { Texts } from '../core/model/tokens';
import { RemoteTier } from '../core/protocol/remote-tier';
import { parseLabelledTsv, parseSentences } from '../core/samples';
import { runCommand } from '../edge-server/command-line';
import { OnnxRuntimes } from '../edge-server/layer-runtime';
import { ModelFolder } from '../edge-server/model-folder';
import { openSocket } from '../edge-server/web-socket';
import { type EvaluateOptions, HELP, readEvaluateOptions } from './evaluate-options';
import { Evaluation, type Outcome } from './evaluation';
import { reportOf, tableOf } from './report';

/** Samples run before the first one is measured: by then every layer is loaded. */
const WARM_UP_ROWS = 3;

async function main(): Promise<void> {
  const options = readEvaluateOptions(process.argv.slice(2));
  const model = await ModelFolder.open(options.model);
  const { manifest } = model;
  const task = taskOf(manifest, options.task);
  const samples = await readSamples(options, task);
  const runtime = new OnnxRuntimes(model, 1).of(options.variant);
  const edge = options.edgeUrl === undefined ? undefined : wayToEdge(options.edgeUrl, manifest.hash, options.variant);
  try {
    const evaluation = new Evaluation({ ...options, manifest, runtime, edge });
    const outcomes = await runAll(evaluation, samples.texts);
    const report = reportOf(outcomes, samples.gold, options, manifest);
    if (options.predictions !== undefined) await writeFile(options.predictions, predictionsOf(outcomes, task));
    console.log(options.json ? JSON.stringify(report, null, 2) : tableOf(report));
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

function wayToEdge(url: string, modelHash: string, variant: string): RemoteTier {
  const now = () => performance.now();
  return new RemoteTier({ url, from: 'mobile', to: 'edge', modelHash, variant, client: 'evaluate', openSocket, now });
}

async function runAll(evaluation: Evaluation, samples: readonly Texts[]): Promise<Outcome[]> {
  for (const texts of samples.slice(0, WARM_UP_ROWS)) await evaluation.run(texts);
  const outcomes: Outcome[] = [];
  for (const texts of samples) {
    outcomes.push(await evaluation.run(texts));
    showProgress(outcomes.length, samples.length);
  }
  return outcomes;
}

function showProgress(done: number, rows: number): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(done < rows ? `\r${done} of ${rows} rows` : '\r\u001b[K');
}

/** One line of JSON a sample, without its text. */
function predictionsOf(outcomes: readonly Outcome[], task: Task): string {
  const lines = outcomes.map(({ exit, tier }, index) =>
    JSON.stringify({ index, label: task.labels[exit.label], exitLayer: exit.layer, tier, confidence: exit.confidence }),
  );
  return `${lines.join('\n')}\n`;
}

runCommand(process.argv, HELP, main);
