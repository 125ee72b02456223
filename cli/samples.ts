import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { DimeeError } from '../core/errors';
import type { Task } from '../core/model/manifest';
import type { Texts } from '../core/model/tokens';
import { classesNamed, normalised } from '../core/own-data/class-names';
import type { Columns } from '../core/own-data/columns';
import type { Delimiter } from '../core/own-data/dialect';
import { checkFileSize, textOfFile } from '../core/own-data/file-text';
import type { LabelWords } from '../core/own-data/label-words';
import { type ReadTable, readTable } from '../core/own-data/layout';
import type { Misfit } from '../core/own-data/own-rows';
import { carriesLabels } from '../core/own-data/pasted-lines';
import { parseSentences } from '../core/own-data/samples';
import { NOTHING_SAID, type Question, type Said, understand, type Understanding } from '../core/own-data/understanding';

/** What was asked to be read, and what was said of it. */
export interface AskedSamples {
  readonly file: string | undefined;
  readonly sentences: string | undefined;
  /** Names of columns or their numbers from 1. */
  readonly textColumn: readonly string[] | undefined;
  readonly labelColumn: string | undefined;
  /** What words mean: names of classes, or nothing where rows are to be left out. */
  readonly labels: ReadonlyMap<string, string> | undefined;
  readonly noLabels: boolean;
  readonly delimiter: Delimiter | undefined;
  readonly limit: number | undefined;
}

/** Rows to run, and how the file they come from was understood. */
export interface Samples {
  readonly texts: readonly Texts[];
  /** Where each begins in its file, counted from 1. */
  readonly lines: readonly number[];
  readonly gold: readonly number[] | undefined;
  /** The words that labels were read from. */
  readonly words: LabelWords | undefined;
  readonly read: ReadingReport;
}

/** What `--json` prints of how the file was understood. */
export interface ReadingReport {
  readonly name: string;
  readonly understood: readonly string[];
  readonly warnings: readonly string[];
  /** Rows that are not run, whatever the reason. */
  readonly leftOut: readonly Misfit[];
}

const breathe = () => Promise.resolve();

/**
 * Reads a file as the page does.
 * @throws DimeeError `BAD_CONFIGURATION` for a file that cannot be read, or a column or class that is not there, and
 * `BAD_INPUT` for one that is no table or leaves a question open; each names the option that helps.
 */
export async function readSamples(asked: AskedSamples, task: Task): Promise<Samples> {
  const { file, sentences = '', limit } = asked;
  if (file === undefined) return sentencesOf(sentences, await readText(sentences), task, limit);
  const table = await readTable(await readText(file), task, { delimiter: asked.delimiter }, breathe, Infinity);
  const understanding = understand(table, task, saidBy(asked, table, task));
  const { fitted, questions, understood, warnings } = understanding;
  if (questions.length > 0 || !fitted) throw asking(questions, understanding, task);
  const { rows, misfits } = fitted;
  if (rows.texts.length === 0) throw noRow(basename(file), misfits);
  return {
    texts: rows.texts.slice(0, limit),
    lines: [...rows.lines].slice(0, limit),
    gold: rows.gold && [...rows.gold].slice(0, limit),
    words: rows.words,
    read: { name: basename(file), understood, warnings, leftOut: misfits },
  };
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new DimeeError('BAD_CONFIGURATION', `The file ${path} cannot be read.`, { cause });
  });
  const name = basename(path);
  checkFileSize(name, bytes.length, Infinity);
  return textOfFile(name, new Uint8Array(bytes));
}

function sentencesOf(path: string, text: string, task: Task, limit: number | undefined): Samples {
  const lines = parseSentences(text, task.pair);
  const found = lines.filter(({ problem }) => problem === undefined).slice(0, limit);
  const misfits = lines.flatMap(({ line, problem }) => (problem === undefined ? [] : [{ line, reason: problem }]));
  if (found.length === 0) throw new DimeeError('BAD_INPUT', misfits[0]?.reason ?? `There are no sentences in ${path}.`);
  const warning = 'Its lines seem to carry labels, which are read as part of the texts here. Open it with --file.';
  const read = {
    name: basename(path),
    understood: [`A ${task.pair ? 'pair' : 'sentence'} a line, without labels.`],
    warnings: carriesLabels(text, task) ? [warning] : [],
    leftOut: misfits,
  };
  return {
    texts: found.map(({ texts }) => texts),
    lines: found.map(({ line }) => line),
    ...{ gold: undefined, words: undefined, read },
  };
}

/** What options say of the table: names are looked up in its first row, whether or not it looks like a header. */
function saidBy({ textColumn, labelColumn, labels, noLabels }: AskedSamples, read: ReadTable, task: Task): Said {
  const names = textColumn ?? [];
  const needed = task.pair ? 2 : 1;
  if (textColumn && names.length !== needed) {
    const problem = `${task.name} takes ${needed === 2 ? 'two texts' : 'one text'} a row: --text-column must name ${needed}`;
    throw new DimeeError('BAD_CONFIGURATION', `${problem}, not ${names.length}.`);
  }
  const header = (read.table.rows[0]?.fields ?? []).map((field) => field.trim());
  const byName = [...names, ...(labelColumn === undefined ? [] : [labelColumn])].some((name) => header.includes(name));
  const columns: Partial<Columns> = {
    ...(byName && { hasHeader: true }),
    ...(textColumn && { texts: names.map((name) => columnOf(name, '--text-column', header, read)) }),
    ...(labelColumn !== undefined && { label: columnOf(labelColumn, '--label-column', header, read) }),
    ...(noLabels && { label: undefined }),
  };
  return { columns, words: meaningsOf(labels, understand(read, task, { ...NOTHING_SAID, columns }), task) };
}

function columnOf(name: string, flag: string, header: readonly string[], { table, kind }: ReadTable): number {
  const byName = header.indexOf(name);
  if (byName >= 0) return byName;
  const number = /^\d+$/.test(name) ? Number(name) : 0;
  if (number >= 1 && number <= table.width) return number - 1;
  const there = header.map((field, column) => (field === '' || field.length > 40 ? `${column + 1}` : field)).join(', ');
  const counted = kind === 'fastText' ? `1 (label), 2 (text)` : `${there} (or 1 to ${table.width})`;
  throw new DimeeError('BAD_CONFIGURATION', `${flag}: there is no column “${name}”. There are: ${counted}.`);
}

function meaningsOf(labels: AskedSamples['labels'], { labelWords, columns }: Understanding, task: Task): LabelWords {
  const words = labelWords.map(({ word }) => word);
  const entries = [...(labels ?? [])].map(([word, name]) => {
    if (!words.includes(word)) {
      const there =
        columns.label === undefined
          ? 'The file has no label column; see --label-column'
          : `There are: ${words.join(', ')}`;
      throw new DimeeError('BAD_CONFIGURATION', `--labels: no row has the label “${word}”. ${there}.`);
    }
    return [word, name === '' ? null : classOf(name, task)] as const;
  });
  return new Map(entries);
}

function classOf(name: string, { name: task, labels }: Task): number {
  const [label, ...others] = classesNamed(name, labels);
  if (label !== undefined && others.length === 0) return label;
  const there = labels.join(', ');
  throw new DimeeError('BAD_CONFIGURATION', `--labels: ${task} has no class “${name}”. Its classes are: ${there}.`);
}

/** The questions that the page would ask, each with the option that answers it. */
function asking(
  questions: readonly Question[],
  { columnNames, labelWords, meanings }: Understanding,
  task: Task,
): DimeeError {
  const open = labelWords.filter(({ word }) => !meanings.has(word)).map(({ word }) => `${word}=CLASS`);
  const options: Readonly<Record<Question['about'], string>> = {
    columns: `Give --text-column and --label-column, or --no-labels; there are: ${columnNames.join(', ')}.`,
    delimiter: 'Give --delimiter with its name, or --delimiter tab where it belongs to the texts.',
    labels: `Give --labels "${open.join(',')}", each CLASS one of ${task.labels.map(normalised).join(', ')}, or nothing where its rows are to be left out; or --no-labels.`,
  };
  return new DimeeError('BAD_INPUT', questions.map(({ about, text }) => `${text} ${options[about]}`).join('\n'));
}

function noRow(name: string, misfits: readonly Misfit[]): DimeeError {
  const [first] = misfits;
  const why = first ? `: line ${first.line}, for one, ${first.reason}` : '';
  return new DimeeError('BAD_INPUT', `“${name}” has no row that fits${why}.`);
}

/** Classes as `--labels` takes them. */
export function labelsOption(words: LabelWords, labels: readonly string[]): string {
  const entries = [...words].map(([word, label]) => `${word}=${label === null ? '' : (labels[label] ?? '')}`);
  return `--labels "${entries.join(',')}"`;
}
