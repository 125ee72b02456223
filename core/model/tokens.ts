/** How much of a text a model reads, in tokens without the special ones. */
export interface TextReading {
  /** Of the whole text. */
  readonly tokens: number;
  /** Those left within the model's length. */
  readonly read: number;
  /** Those read that the model's vocabulary does not know. */
  readonly unknown: number;
}

/** A tokenised sample: WordPiece ids and segment ids, both `[tokens] int32`, without padding. */
export interface Tokens {
  readonly inputIds: Int32Array;
  readonly tokenTypeIds: Int32Array;
  /** Of each text. */
  readonly readings: readonly TextReading[];
}

/** One text, or the two of a pair task. */
export type Texts = readonly [string] | readonly [string, string];

/** Letters of a token, about, as those of English words have. */
const LETTERS_PER_TOKEN = 3;

/** How many tokens texts will have, about, before anybody has counted: a model reads `maxTokens` at most. */
export function estimatedTokens(texts: Texts, maxTokens: number): number {
  const letters = texts.reduce((sum, { length }) => sum + length, 0);
  return Math.min(Math.ceil(letters / LETTERS_PER_TOKEN) + specialsOf(texts), maxTokens);
}

export type Tokenize = (texts: Texts) => Tokens;

export interface SpecialTokens {
  readonly cls: number;
  readonly sep: number;
  /** Stands for each word that the vocabulary cannot put together. */
  readonly unknown: number;
}

/**
 * `[CLS] a [SEP]` or `[CLS] a [SEP] b [SEP]`, cut to `maxTokens` by taking from the longer text first
 * (`longest_first` in Hugging Face's tokenizers; its JavaScript port cuts at the end only, so we cut here).
 */
export function assembleTokens(
  ids: readonly (readonly number[])[],
  { cls, sep, unknown }: SpecialTokens,
  maxTokens: number,
): Tokens {
  const room = maxTokens - specialsOf(ids);
  const lengths = lengthsWithin(room, ids[0]?.length ?? 0, ids[1]?.length ?? 0);
  const read = ids.map((text, index) => text.slice(0, lengths[index]));
  const [first = [], ...others] = read.map((text) => [...text, sep]);
  const inputIds = Int32Array.from([cls, ...first, ...others.flat()]);
  return {
    inputIds,
    tokenTypeIds: new Int32Array(inputIds.length).fill(1, 1 + first.length),
    readings: read.map((text, index) => ({
      tokens: ids[index]?.length ?? 0,
      read: text.length,
      unknown: text.filter((id) => id === unknown).length,
    })),
  };
}

/** Special tokens that are set around as many texts. */
export function specialsOf(texts: ArrayLike<unknown>): number {
  return texts.length + 1;
}

function lengthsWithin(room: number, first: number, second: number): [number, number] {
  if (first + second <= room) return [first, second];
  const half = Math.floor(room / 2);
  if (second <= half) return [room - second, second];
  if (first <= half) return [first, room - first];
  return first > second ? [room - half, half] : [half, room - half];
}
