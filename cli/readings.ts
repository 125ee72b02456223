import { DimeeError, hasCode } from '../core/errors';
import type { LayerRuntime } from '../core/model/layer-runtime';
import { type Reading, type ReadingCounts, readTexts } from '../core/model/reading';
import type { Texts } from '../core/model/tokens';
import { at } from '../core/numbers/at';
import type { Samples } from './samples';

/** Rows that are sentences, and where each stood among all that were given. */
export interface Sentences extends Samples {
  /** Counted from 0. */
  readonly indices: readonly number[];
  /** What the model reads of each. */
  readonly readings: readonly Reading[];
}

/** What the model reads of each row; undefined where it has no known token and is no sentence. */
export type SampleReadings = readonly (Reading | undefined)[];

export async function readRows(
  runtime: Pick<LayerRuntime, 'tokenize'>,
  rows: readonly Texts[],
): Promise<SampleReadings> {
  const readings: (Reading | undefined)[] = [];
  for (const texts of rows) {
    readings.push(
      await readTexts(runtime, texts).catch((error: unknown) => {
        if (hasCode(error, 'NO_KNOWN_TOKEN')) return undefined;
        throw error;
      }),
    );
  }
  return readings;
}

/** The rows that are sentences; the others are named among those left out. @throws DimeeError `BAD_INPUT` where none is. */
export function sentencesAmong(given: Samples, readings: SampleReadings): Sentences {
  const rows = [...given.texts.keys()];
  const indices = rows.filter((row) => readings[row] !== undefined);
  if (indices.length === 0) {
    throw new DimeeError(
      'BAD_INPUT',
      'No row is a sentence: the model knows no token of any. Are they in its language?',
    );
  }
  const noSentences = rows.filter((row) => readings[row] === undefined);
  const reason = 'has no token that the model knows';
  const misfits = noSentences.map((row) => ({ line: at(given.lines, row), reason }));
  return {
    ...given,
    texts: indices.map((row) => at(given.texts, row)),
    lines: indices.map((row) => at(given.lines, row)),
    gold: given.gold && indices.map((row) => at(given.gold ?? [], row)),
    read: { ...given.read, leftOut: [...given.read.leftOut, ...misfits] },
    indices,
    readings: indices.flatMap((row) => readings[row] ?? []),
  };
}

export function countReadings(readings: SampleReadings): ReadingCounts {
  const count = (holds: (reading: Reading | undefined) => boolean | undefined) => readings.filter(holds).length;
  return {
    cut: count((reading) => reading?.isCut),
    muchUnknown: count((reading) => reading?.isMuchUnknown),
    noSentence: count((reading) => reading === undefined),
  };
}
