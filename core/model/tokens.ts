/** A tokenised sample: WordPiece ids and segment ids, both `[tokens] int32`, without padding. */
export interface Tokens {
  readonly inputIds: Int32Array;
  readonly tokenTypeIds: Int32Array;
}

/** One text, or the two of a pair task. */
export type Texts = readonly [string] | readonly [string, string];

export type Tokenize = (texts: Texts) => Tokens;

export interface SpecialTokens {
  readonly cls: number;
  readonly sep: number;
}

/**
 * `[CLS] a [SEP]` or `[CLS] a [SEP] b [SEP]`, cut to `maxTokens` by taking from the longer text first
 * (`longest_first` in Hugging Face's tokenizers; its JavaScript port cuts at the end only, so we cut here).
 */
export function assembleTokens(
  ids: readonly (readonly number[])[],
  { cls, sep }: SpecialTokens,
  maxTokens: number,
): Tokens {
  const [first = [], second] = ids;
  const room = maxTokens - (second ? 3 : 2);
  const [firstLength, secondLength] = lengthsWithin(room, first.length, second?.length ?? 0);
  const head = [cls, ...first.slice(0, firstLength), sep];
  const tail = second ? [...second.slice(0, secondLength), sep] : [];
  const tokenTypeIds = new Int32Array(head.length + tail.length).fill(1, head.length);
  return { inputIds: Int32Array.from([...head, ...tail]), tokenTypeIds };
}

/**
 * A tokeniser over a library's encoder, which gives the ids of one text without special tokens.
 * @throws Error where the encoder does not know [CLS] and [SEP].
 */
export function tokenizerOver(encode: (text: string) => readonly number[], maxTokens: number): Tokenize {
  const idOf = (token: string): number => {
    const [id, ...more] = encode(token);
    if (id !== undefined && more.length === 0) return id;
    throw new Error(`The special token ${token} must have one id.`);
  };
  const special = { cls: idOf('[CLS]'), sep: idOf('[SEP]') };
  return (texts) => assembleTokens(texts.map(encode), special, maxTokens);
}

function lengthsWithin(room: number, first: number, second: number): [number, number] {
  if (first + second <= room) return [first, second];
  const half = Math.floor(room / 2);
  if (second <= half) return [room - second, second];
  if (first <= half) return [first, room - first];
  return first > second ? [room - half, half] : [half, room - half];
}
