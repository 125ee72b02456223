import { DimeeError } from '../errors';
import { type Tokenize, tokenizerOver } from './tokens';

/**
 * The tokeniser of a model from its `tokenizer.json`, without any network. Transformers.js (100 kB compressed, a second to
 * start in Node) is loaded here and not with the room that asks: only texts need it, and a page's model files are on their
 * way before it arrives.
 * @throws DimeeError `MODEL_UNAVAILABLE` where the file is no tokeniser.
 */
export async function openTokenizer(json: string, maxTokens: number): Promise<Tokenize> {
  const { PreTrainedTokenizer } = await import('@xenova/transformers');
  try {
    const tokenizer = new PreTrainedTokenizer(JSON.parse(json), {});
    return tokenizerOver((text) => tokenizer.encode(text, { add_special_tokens: false }), maxTokens);
  } catch (cause) {
    throw new DimeeError('MODEL_UNAVAILABLE', 'The model’s tokenizer.json cannot be used.', { cause });
  }
}
