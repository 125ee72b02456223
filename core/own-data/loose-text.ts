import type { Task } from '../model/manifest';
import { areCounted, hasKnownNames, isIndexName, isLabelName, isTextName } from './column-names';
import { MOST_LABEL_WORDS, mayBeLabel, namesClass, wordsOf } from './label-words';

/** How many fields stand before and after a text that has delimiters of its own, in every row. */
export interface LooseText {
  readonly before: number;
  readonly after: number;
}

type Row = readonly string[];
type Column = readonly string[];
/** What a column holds beside a text: numbers of rows, labels, or words that may be labels. */
type Kind = 'index' | 'label' | 'word';

/** Of all lines, so many with what may be a label at one end are no texts alone. */
const LABELLED_SHARE = 0.5;
/** Of all rows of prose, in so many a blank follows the delimiter. */
const PROSE_SHARE = 0.8;
const ONE_WORD = /^[\p{L}\p{N}_+-]{1,20}$/u;

/**
 * Where texts have delimiters of their own and no quotation marks around: what stands before and after them, if all rows
 * agree, by their header or by what stands at their ends. `some` where there seem to be labels and rows do not agree;
 * undefined where there are none, and for pairs, whose two texts nothing tells apart.
 */
export function looseTextIn(rows: readonly Row[], task: Task): LooseText | 'some' | undefined {
  const [first = []] = rows;
  const body = rows.slice(1);
  if (body.length === 0 || rows.every((row) => row.length === 1)) return undefined;
  const isHeader = hasKnownNames(first);
  const loose = isHeader ? looseBelow(first, body, task) : looseAround(first, body, task);
  if (loose !== undefined && loose !== 'some' && task.pair) return undefined;
  return loose ?? (isLabelledInPart(isHeader ? body : rows, task) ? 'some' : undefined);
}

/** Whether what looks like fields is prose: blanks follow its delimiters, and no header names columns. */
export function isProse(rows: readonly Row[], task: Task): boolean {
  const [first = [], ...others] = rows;
  if (task.pair || hasKnownNames(first)) return false;
  return first.some((_, column) => {
    const cells = others.length > 0 ? others.map((row) => row[column] ?? '') : [first[column] ?? ''];
    const spaced = cells.filter((cell) => /^\s/.test(cell)).length;
    return column > 0 && spaced >= PROSE_SHARE * cells.length && kindOf(cells, task) === undefined;
  });
}

/** The header says how many columns there are; the text is the one that may be it. */
function looseBelow(header: Row, body: readonly Row[], task: Task): LooseText | 'some' | undefined {
  const width = header.length;
  if (width === 1) return undefined;
  const { left, right } = tidyEnds(body, task, header);
  const places = [...header.keys()].filter((place) => left.length >= place && right.length >= width - 1 - place);
  const isWide = body.every((row) => row.length >= width);
  const place = places.find((candidate) => isTextName(header[candidate] ?? '')) ?? places.at(-1);
  return place === undefined || !isWide ? 'some' : { before: place, after: width - 1 - place };
}

/** Without names: as many columns at each end as are plainly no text. */
function looseAround(first: Row, body: readonly Row[], task: Task): LooseText | 'some' | undefined {
  const { left, right, narrowest } = tidyEnds(body, task);
  const before = left.length;
  const after = Math.min(right.length, narrowest - 1 - before);
  const kinds = [...left, ...right.slice(0, after)];
  if (kinds.length === 0) return undefined;
  const ends = [...first.slice(0, before), ...(after > 0 ? first.slice(-after) : [])];
  const isData = first.length > before + after && ends.every((cell, at) => fits(cell, kinds[at], task));
  const isCertain = !kinds.includes('word') && (isData || first.length === before + after + 1);
  return isCertain ? { before, after } : 'some';
}

/** The columns from the left and from the right that are plainly no text, the outermost first from the left, last from the right. */
function tidyEnds(body: readonly Row[], task: Task, header: Row = []) {
  const narrowest = Math.min(...body.map((row) => row.length));
  const tidy = (columnAt: (at: number) => Column, nameAt: (at: number) => string | undefined) => {
    const kinds: Kind[] = [];
    for (let at = 0; at < narrowest - 1; at++) {
      const cells = columnAt(at);
      const kind = kindOf(cells, task) ?? namedKind(nameAt(at), cells);
      if (!kind) break;
      kinds.push(kind);
    }
    return kinds;
  };
  const left = tidy(
    (at) => body.map((row) => row[at] ?? ''),
    (at) => header[at],
  );
  const right = tidy(
    (at) => body.map((row) => row.at(-1 - at) ?? ''),
    (at) => header.at(-1 - at),
  );
  return { left, right, narrowest };
}

/** What a column holds that its header names, whether or not the task knows its words. */
function namedKind(name: string | undefined, cells: Column): Kind | undefined {
  if (name === undefined || !cells.every((cell) => ONE_WORD.test(cell.trim()))) return undefined;
  if (isLabelName(name)) return 'label';
  return name !== '' && isIndexName(name) ? 'index' : undefined;
}

function kindOf(cells: Column, task: Task): Kind | undefined {
  const fields = cells.map((cell) => cell.trim());
  const words = wordsOf(fields);
  const areFew = words.length > 0 && words.length <= MOST_LABEL_WORDS;
  if (areFew && words.some(({ word }) => isClear(word, task)) && fields.every((field) => mayBeLabel(field, task)))
    return 'label';
  if (areCounted(fields)) return 'index';
  const areWords = areFew && words.length <= fields.length / 2 && fields.every((field) => ONE_WORD.test(field));
  return areWords ? 'word' : undefined;
}

/** A number or the name of one class: “no” may begin a sentence. */
function isClear(word: string, task: Task): boolean {
  return /\d/.test(word) || namesClass(word, task);
}

function fits(cell: string, kind: Kind | undefined, task: Task): boolean {
  return kind === 'index' ? /^\s*\d+\s*$/.test(cell) : mayBeLabel(cell, task);
}

function isLabelledInPart(rows: readonly Row[], task: Task): boolean {
  const isLabel = (field = '') => mayBeLabel(field, task) && isClear(field.trim(), task);
  const labelled = (at: 0 | -1) => rows.filter((row) => row.length > 1 && isLabel(row.at(at))).length;
  return Math.max(labelled(0), labelled(-1)) >= LABELLED_SHARE * rows.length;
}
