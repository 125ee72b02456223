import type { RecordedExits } from '../../core/own-data/exit-record';
import type { OwnRows } from '../../core/own-data/own-rows';
import type { ReadingColumns } from '../../core/own-data/reading-record';
import { lastLabels } from '../../core/trace/record';
import type { Trace } from '../../core/trace/trace-file';

/** What is known of a person's own rows: from a run, or from a file that one was saved to. */
export interface OwnResult {
  /** The name of the file the rows came from. */
  readonly name: string;
  readonly task: string;
  /** What every exit said, where all were run. */
  readonly trace: Trace | undefined;
  /** Where rows left, where they were run no further. */
  readonly exits: RecordedExits | undefined;
  /** The rows of the file; undefined where the run was loaded, since a trace keeps no text. */
  readonly rows: OwnRows | undefined;
  /** Which of them were run, in the order of `trace` or `exits`. */
  readonly rowNumbers: Uint32Array | undefined;
  /** How much was read of those that were run; undefined where the run was loaded. */
  readonly readings: ReadingColumns | undefined;
  /** Rows of the file without a known token. */
  readonly noSentences: Uint32Array;
}

/** The rows that were run: what stands beside their results. */
export function sourceOf({ rows, rowNumbers }: OwnResult): OwnRows | undefined {
  return rowsAt(rows, rowNumbers);
}

/** The rows without a known token, where there are any. */
export function noSentencesOf({ rows, noSentences }: OwnResult): OwnRows | undefined {
  return noSentences.length > 0 ? rowsAt(rows, noSentences) : undefined;
}

function rowsAt(rows: OwnRows | undefined, rowNumbers: Uint32Array | undefined): OwnRows | undefined {
  if (!rows || !rowNumbers) return undefined;
  const { texts, lines, gold } = rows;
  const picked = Array.from(rowNumbers);
  return {
    texts: picked.flatMap((row) => [texts[row] ?? ([''] as const)]),
    lines: Uint32Array.from(picked, (row) => lines[row] ?? 0),
    gold: gold && Uint8Array.from(picked, (row) => gold[row] ?? 0),
  };
}

/** Labels that people gave the rows that were run. */
export function goldOf(result: OwnResult): Uint8Array | undefined {
  const { trace } = result;
  return sourceOf(result)?.gold ?? (trace?.isLabelled ? trace.gold : undefined);
}

/** What the rows were answered: at the last exit where all are known, which no policy moves. */
export function answersOf({ trace, exits }: OwnResult): Uint8Array {
  return trace ? lastLabels(trace) : (exits?.labels ?? new Uint8Array());
}

/** Rows of the result. */
export function rowsOf({ trace, exits }: OwnResult): number {
  return trace?.rows ?? exits?.labels.length ?? 0;
}
