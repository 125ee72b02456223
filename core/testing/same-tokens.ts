import { at } from '../numbers/at';
import type { Tokenize } from '../model/tokens';
import { type Random, randomInt, randomItem, seededRandom } from './random';

/** `token-hashes.json`, which `python -m training.tests.record_tokens` writes: what the Python tokeniser gives. */
export interface TokenHashes {
  /** By the path of the `tokenizer.json`, as all hashes. */
  readonly codePoints: Readonly<Record<string, string>>;
  readonly mixed: {
    readonly seed: number;
    readonly mostParts: number;
    /** Texts, and first and last code points to draw from. */
    readonly parts: readonly (string | readonly number[])[];
  };
  readonly mixedStrings: Readonly<Record<string, string>>;
}

/** A text whose tokens are not those of Python. */
export interface Difference {
  readonly text: string;
  readonly tokens: readonly number[];
  /** Shows Python's. */
  readonly command: string;
}

const HASH_LETTERS = 3;
const BASE_64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The first code point whose tokens, alone or between two letters, are not those of Python. */
export function firstCodePoint(tokenize: Tokenize, codePoints: string): Difference | undefined {
  let codePoint = 0;
  for (const run of codePoints.split(' ')) {
    const [hash, count = '1'] = run.split('*');
    for (let left = Number.parseInt(count, 36); left > 0; left--, codePoint++) {
      if (codePoint === 0xd800) codePoint = 0xe000;
      const char = String.fromCodePoint(codePoint);
      const found = differenceOf(tokenize, `${char} a${char}b`, hash);
      if (found) return found;
    }
  }
  if (codePoint !== 0x110000) throw new Error(`The file has hashes of ${codePoint} code points.`);
  return undefined;
}

/** The first of the mixed strings whose tokens are not those of Python. */
export function firstMixedString(
  tokenize: Tokenize,
  mixedStrings: string,
  { seed, mostParts, parts }: TokenHashes['mixed'],
): Difference | undefined {
  const random = seededRandom(seed);
  for (let start = 0; start < mixedStrings.length; start += HASH_LETTERS) {
    const count = randomInt(random, 1, mostParts);
    const text = Array.from({ length: count }, () => drawn(random, randomItem(random, parts))).join('');
    const found = differenceOf(tokenize, text, mixedStrings.slice(start, start + HASH_LETTERS));
    if (found) return found;
  }
  return undefined;
}

function drawn(random: Random, part: string | readonly number[]): string {
  return typeof part === 'string' ? part : String.fromCodePoint(randomInt(random, at(part, 0), at(part, 1)));
}

function differenceOf(tokenize: Tokenize, text: string, hash: string | undefined): Difference | undefined {
  const tokens = [...tokenize([text]).inputIds.subarray(1, -1)];
  if (hashOf(tokens) === hash) return undefined;
  const escaped = Array.from(text, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`).join('');
  return { text, tokens, command: `python -m training.tests.record_tokens '${escaped}'` };
}

/** The first 18 bits of FNV-1a over the ids in words, in base 64. */
function hashOf(ids: readonly number[]): string {
  const words = ids.join(',');
  let hash = 0x811c9dc5;
  for (let index = 0; index < words.length; index++) hash = Math.imul(hash ^ words.charCodeAt(index), 0x01000193);
  return [26, 20, 14].map((shift) => BASE_64.charAt((hash >>> shift) & 63)).join('');
}
