import { DimeeError } from '../errors';
import type { LayerRuntime } from './layer-runtime';
import { specialsOf, type TextReading, type Texts, type Tokens } from './tokens';

/**
 * The share of unknown tokens, 0 to 1, from which on a text is marked: with every third word missing, what is left may well
 * say something else. A choice of ours, which no measurement backs.
 */
export const MUCH_UNKNOWN = 1 / 3;

/** How much of a sample's texts a model reads, and what is to be said of it. */
export interface Reading {
  readonly texts: readonly TextReading[];
  /** Of the whole sample, special tokens included. */
  readonly tokens: number;
  /** Those of them left within the model's length. */
  readonly read: number;
  /** Those read that the model does not know. */
  readonly unknown: number;
  readonly isCut: boolean;
  /** A third of a text's tokens or more are unknown. */
  readonly isMuchUnknown: boolean;
}

export function readingOf(texts: readonly TextReading[]): Reading {
  const sum = (part: keyof TextReading) => texts.reduce((total, text) => total + text[part], 0);
  const specials = specialsOf(texts);
  return {
    texts,
    ...{ tokens: sum('tokens') + specials, read: sum('read') + specials, unknown: sum('unknown') },
    isCut: texts.some(({ tokens, read }) => read < tokens),
    isMuchUnknown: texts.some(({ read, unknown }) => read > 0 && unknown / read >= MUCH_UNKNOWN),
  };
}

/**
 * A sample's texts as tokens.
 * @throws DimeeError `NO_KNOWN_TOKEN` where one of them has none: it is no sentence, and any answer would be of nothing.
 */
export async function knownTokens(runtime: Pick<LayerRuntime, 'tokenize'>, texts: Texts): Promise<Tokens> {
  const tokens = await runtime.tokenize(texts);
  if (tokens.readings.every(({ read, unknown }) => unknown < read)) return tokens;
  const where = texts.length > 1 ? 'in one of its two texts' : 'in it';
  throw new DimeeError('NO_KNOWN_TOKEN', `No sentence: the model has no known token ${where}.`);
}

/** Reads a sample's texts as the model will. @throws DimeeError `NO_KNOWN_TOKEN` where it is no sentence. */
export async function readTexts(runtime: Pick<LayerRuntime, 'tokenize'>, texts: Texts): Promise<Reading> {
  return readingOf((await knownTokens(runtime, texts)).readings);
}

/** What is to be said of a reading, in words; nothing where all of it was read and known. */
export function readingRemarks({ texts, tokens, read, isCut, isMuchUnknown }: Reading): readonly string[] {
  const cut = texts.flatMap((text, index) => (text.read < text.tokens ? [index] : []));
  const which = cut.length > 1 ? 'both texts are' : `the ${cut[0] === 0 ? 'first' : 'second'} text is`;
  const share = Math.max(...texts.map(({ read: of, unknown }) => unknown / Math.max(of, 1)));
  return [
    ...(isCut ? [`read ${read} of ${tokens} tokens${texts.length > 1 ? ` (${which} cut)` : ''}`] : []),
    ...(isMuchUnknown ? [`${Math.round(100 * share)} % unknown tokens`] : []),
  ];
}

/** How many samples were cut, are unknown in good part, or are no sentences. */
export interface ReadingCounts {
  readonly cut: number;
  readonly muchUnknown: number;
  readonly noSentence: number;
}

/** The counts in words, none of which is of nothing. */
export function countedReadings({ cut, muchUnknown, noSentence }: ReadingCounts): readonly string[] {
  const counted = (count: number, words: string) => (count > 0 ? [`${count.toLocaleString('en')} ${words}`] : []);
  return [
    ...counted(cut, 'cut'),
    ...counted(muchUnknown, 'a third or more unknown'),
    ...counted(noSentence, 'without a known token'),
  ];
}
