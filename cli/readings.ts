import { DimeeError, hasCode } from '../core/errors';
import type { LayerRuntime } from '../core/model/layer-runtime';
import { type Reading, type ReadingCounts, readTexts } from '../core/model/reading';
import type { Texts } from '../core/model/tokens';
import { at } from '../core/numbers/at';

/** Rows to be run, and where each stood among all that were given. */
export interface Samples {
  readonly texts: readonly Texts[];
  readonly gold: readonly number[] | undefined;
  /** Counted from 0. */
  readonly indices: readonly number[];
}

/** What the model reads of each row; undefined where it has no known token and is no sentence. */
export type Readings = readonly (Reading | undefined)[];

export async function readRows(runtime: Pick<LayerRuntime, 'tokenize'>, rows: readonly Texts[]): Promise<Readings> {
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

/** The rows that are sentences. @throws DimeeError `BAD_INPUT` where none is. */
export function sentencesAmong({ texts, gold }: Omit<Samples, 'indices'>, readings: Readings): Samples {
  const indices = [...texts.keys()].filter((row) => readings[row] !== undefined);
  if (indices.length === 0) {
    throw new DimeeError(
      'BAD_INPUT',
      'No row is a sentence: the model knows no token of any. Are they in its language?',
    );
  }
  return { texts: indices.map((row) => at(texts, row)), gold: gold && indices.map((row) => at(gold, row)), indices };
}

export function countReadings(readings: Readings): ReadingCounts {
  const count = (holds: (reading: Reading | undefined) => boolean | undefined) => readings.filter(holds).length;
  return {
    cut: count((reading) => reading?.isCut),
    muchUnknown: count((reading) => reading?.isMuchUnknown),
    noSentence: count((reading) => reading === undefined),
  };
}
