import { openTokenizer } from '../core/model/tokenizer';
import { firstCodePoint, firstMixedString, type TokenHashes } from '../core/testing/same-tokens';

/** The text of a `tokenizer.json`, and what Python's tokeniser gives by it. */
export interface Comparison {
  readonly tokenizer: string;
  readonly codePoints: string;
  readonly mixed: TokenHashes['mixed'];
  readonly mixedStrings: string;
}

const NO_CUT = 4096;

addEventListener('message', ({ data }: MessageEvent<Comparison>) => {
  void compare(data).then(
    (differences) => postMessage({ differences }),
    (error: unknown) => postMessage({ error: String(error) }),
  );
});

async function compare({ tokenizer, codePoints, mixed, mixedStrings }: Comparison) {
  const tokenize = await openTokenizer(tokenizer, NO_CUT);
  return [firstCodePoint(tokenize, codePoints), firstMixedString(tokenize, mixedStrings, mixed)].filter(
    (difference) => difference !== undefined,
  );
}
