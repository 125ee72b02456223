import { type Cell, csvOf } from '../../core/own-data/csv';
import { resultNames } from '../../core/own-data/result-tsv';
import type { ResultRow, RowSource } from '../results/row-source';
import { breathe } from '../state/breathe';
import { isSentAlone } from '../state/shown-sentence';

/** Rows made at a time, some milliseconds of work. */
const ROWS_A_PART = 250;

/** The results as CSV, a line for each row: the columns of saved results, and what is known beside them. */
export async function csvOfRows(source: RowSource): Promise<string> {
  const texts = source.hasTexts ? (source.rowAt(0)?.texts?.length ?? 1) : 0;
  const columns = [...resultNames(texts, source.hasGold), 'confidence', 'latency_ms', 'times', 'bytes_up', 'note'];
  const rows: Cell[][] = [];
  for (let index = 0; index < source.count; index++) {
    const row = source.rowAt(index);
    if (row) rows.push([source.numberOf(index), ...cellsOf(row, source, texts)]);
    if (index % ROWS_A_PART === ROWS_A_PART - 1) await breathe();
  }
  return csvOf(columns, rows);
}

function cellsOf(row: ResultRow, { labels, hasGold, times }: RowSource, texts: number): Cell[] {
  const { outcome, gold, error } = row;
  return [
    ...Array.from({ length: texts }, (_, place) => row.texts?.[place]),
    ...(hasGold ? [gold === undefined ? undefined : labels[gold]] : []),
    ...(outcome ? [labels[outcome.exit.label], outcome.exit.layer, outcome.tier, outcome.cost] : EMPTY),
    ...(outcome ? [outcome.exit.confidence, outcome.latencyMs, times, outcome.bytesUp] : EMPTY),
    isSentAlone(row) ? 'sent with the link' : error?.message,
  ];
}

const EMPTY: readonly Cell[] = [undefined, undefined, undefined, undefined];
