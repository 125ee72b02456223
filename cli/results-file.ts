import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import { DimeeError } from '../core/errors';
import { at } from '../core/numbers/at';
import { TIERS, toLayer } from '../core/layers';
import type { Task } from '../core/model/manifest';
import { parseTable } from '../core/own-data/table';
import { READING_NAMES, resultNames, roundedCost, tsvLine, unprotected } from '../core/own-data/result-tsv';
import type { EvaluatedSample } from './evaluation';
import type { OutputFile } from './output-files';
import type { Sentences } from './readings';

/** What rows of a results file were run by: only rows of equal settings are of one run. */
export interface RunSettings {
  readonly task: string;
  readonly model: { readonly id: string; readonly hash: string; readonly variant: string };
  readonly policy: unknown;
  readonly plan: unknown;
  readonly payload: string;
  /** Whether deeper layers ran at an edge server. */
  readonly edge: boolean;
}

/** What stands in a results file beside the columns that the page saves. */
const FURTHER_NAMES = ['prediction_at_last_exit', 'confidence', 'bytes_up', 'bytes_down', 'latency_ms'];
const count = v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number));
const measured = v.pipe(v.string(), v.decimal(), v.transform(Number));

/** Answers in a table that grows row by row, and that another run can go on with. Its settings lie beside it. */
export class ResultsFile {
  readonly #names: readonly string[];

  private constructor(
    private readonly output: OutputFile,
    private readonly samples: Sentences,
    private readonly task: Task,
  ) {
    const names = resultNames(task.pair ? 2 : 1, samples.gold !== undefined);
    this.#names = [...names, ...READING_NAMES, ...FURTHER_NAMES];
  }

  /** Where the settings of a results file are kept. */
  static settingsPath(path: string): string {
    return `${path}.run.json`;
  }

  /** Begins a file anew. */
  static begin(output: OutputFile, samples: Sentences, task: Task, settings: RunSettings): ResultsFile {
    writeFileSync(ResultsFile.settingsPath(output.path), `${JSON.stringify(settings, null, 2)}\n`);
    const results = new ResultsFile(output, samples, task);
    output.clear();
    output.write(tsvLine(results.#names));
    return results;
  }

  /**
   * Goes on with a file, and gives the answers in it by the places of their rows. A last line that was cut is run again.
   * @throws DimeeError `BAD_CONFIGURATION` where it is of other settings or other rows, or no results file.
   */
  static async resume(output: OutputFile, samples: Sentences, task: Task, settings: RunSettings) {
    checkSettings(output.path, settings);
    const results = new ResultsFile(output, samples, task);
    const bytes = readFileSync(output.path);
    const whole = bytes.lastIndexOf('\n') + 1;
    if (whole === 0)
      return { results: ResultsFile.begin(output, samples, task, settings), known: new Map<number, EvaluatedSample>() };
    output.clear(whole);
    return { results, known: await results.#answersIn(bytes.subarray(0, whole).toString('utf8')) };
  }

  write(row: number, { exit, tier, cost, lastExit, bytesUp, bytesDown, latencyMs }: EvaluatedSample): void {
    const { texts, lines, gold, readings } = this.samples;
    const { tokens, read, unknown } = at(readings, row);
    const { labels } = this.task;
    const name = (label: number | undefined) => labels[label ?? -1] ?? '';
    this.output.write(
      tsvLine([
        ...[lines[row] ?? row + 1, ...(texts[row] ?? []), ...(gold ? [name(gold[row])] : [])],
        ...[name(exit.label), exit.layer, tier, roundedCost(cost), tokens, read, unknown],
        ...[name(lastExit.label), exit.confidence, bytesUp, bytesDown, Number(latencyMs.toFixed(3))],
      ]),
    );
  }

  async #answersIn(text: string): Promise<Map<number, EvaluatedSample>> {
    const { rows } = await parseTable(text, { delimiter: '\t', quoted: true }, () => Promise.resolve(), Infinity);
    const [header, ...body] = rows;
    if (header?.fields.join() !== this.#names.join()) throw this.#otherRows('has other columns');
    const places = new Map(this.samples.lines.map((line, row) => [line, row]));
    const known = new Map<number, EvaluatedSample>();
    for (const { fields } of body) {
      const cells = fields.map(unprotected);
      const row = places.get(Number(cells[0]));
      const texts = row === undefined ? undefined : this.samples.texts[row];
      // Beyond the rows that are asked for (`--limit`) there is nothing to compare with.
      if (row === undefined || !texts) continue;
      if (texts.some((text, at) => text !== cells[1 + at]))
        throw this.#otherRows(`has another text in row ${cells[0]}`);
      known.set(row, this.#answerIn(cells));
    }
    return known;
  }

  #answerIn(cells: readonly string[]): EvaluatedSample {
    const by = Object.fromEntries(this.#names.map((name, column) => [name, cells[column]]));
    const label = v.pipe(
      v.string(),
      v.transform((name) => this.task.labels.indexOf(name)),
      v.minValue(0),
    );
    const rowSchema = v.object({
      ...{ prediction: label, prediction_at_last_exit: label, exit_layer: count, tier: v.picklist(TIERS) },
      ...{ cost: measured, confidence: measured, bytes_up: measured, bytes_down: measured, latency_ms: measured },
    });
    const parsed = v.safeParse(rowSchema, by);
    if (!parsed.success) throw this.#otherRows(`has a damaged row (${cells[0]})`);
    const { output } = parsed;
    return {
      exit: { layer: toLayer(output.exit_layer), label: output.prediction, confidence: output.confidence },
      ...{ tier: output.tier, cost: output.cost, lastExit: { label: output.prediction_at_last_exit } },
      ...{ bytesUp: output.bytes_up, bytesDown: output.bytes_down, latencyMs: output.latency_ms },
    };
  }

  #otherRows(problem: string): DimeeError {
    const message = `--resume: ${this.output.path} ${problem}, so it is not of this file’s rows. Name another results file.`;
    return new DimeeError('BAD_CONFIGURATION', message);
  }
}

function checkSettings(path: string, settings: RunSettings): void {
  const beside = ResultsFile.settingsPath(path);
  if (!existsSync(beside)) {
    const problem = `--resume: ${beside} is missing, which says what ${path} was run with`;
    throw new DimeeError('BAD_CONFIGURATION', `${problem}. Name another results file, and leave --resume out.`);
  }
  const before = JSON.parse(readFileSync(beside, 'utf8')) as Partial<Record<keyof RunSettings, unknown>>;
  for (const [name, value] of Object.entries(settings) as [keyof RunSettings, unknown][]) {
    const [then, now] = [before[name], value].map((one) => JSON.stringify(one));
    if (then === now) continue;
    const problem = `--resume: ${path} is of another ${name} (${then}) than this run (${now})`;
    throw new DimeeError('BAD_CONFIGURATION', `${problem}. Run it with the same, or name another results file.`);
  }
}
