import { at } from '../numbers/at';
import type { Reading, ReadingCounts } from '../model/reading';

/** How much of each row was read, in tokens with the special ones, column by column, all `[rows]`. */
export interface ReadingColumns {
  readonly tokens: Uint32Array;
  readonly read: Uint32Array;
  readonly unknown: Uint32Array;
}

/** Collects what was read of rows, in any order, and which of them are no sentences. */
export class ReadingRecorder {
  readonly #columns: ReadingColumns;
  readonly #noSentences = new Set<number>();
  #cut = 0;
  #muchUnknown = 0;

  /** `rows` is the most there will be. */
  constructor(rows: number) {
    this.#columns = columnsOf(rows);
  }

  /** Takes one row; a row that is recorded already stays as it is. */
  add(row: number, { tokens, read, unknown, isCut, isMuchUnknown }: Reading): void {
    if (at(this.#columns.tokens, row) > 0) return;
    this.#columns.tokens[row] = tokens;
    this.#columns.read[row] = read;
    this.#columns.unknown[row] = unknown;
    this.#cut += Number(isCut);
    this.#muchUnknown += Number(isMuchUnknown);
  }

  /** Takes a row that has no known token. */
  addNoSentence(row: number): void {
    this.#noSentences.add(row);
  }

  get counts(): ReadingCounts {
    return { cut: this.#cut, muchUnknown: this.#muchUnknown, noSentence: this.#noSentences.size };
  }

  /** The numbers of the rows without a known token, in order. */
  noSentences(): Uint32Array {
    return Uint32Array.from(this.#noSentences).sort();
  }

  /** Of these rows in this order; 0 where nothing is known of one. */
  columns(rows: Uint32Array): ReadingColumns {
    const picked = columnsOf(rows.length);
    for (const column of ['tokens', 'read', 'unknown'] as const) {
      rows.forEach((row, index) => (picked[column][index] = at(this.#columns[column], row)));
    }
    return picked;
  }
}

function columnsOf(rows: number): ReadingColumns {
  return { tokens: new Uint32Array(rows), read: new Uint32Array(rows), unknown: new Uint32Array(rows) };
}
