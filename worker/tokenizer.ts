import { DimeeError } from '../core/errors';
import { type Tokenize, tokenizerOver } from '../core/model/tokens';

/**
 * The tokeniser of a model from its `tokenizer.json`, without any network. Transformers.js (100 kB compressed) is a chunk
 * of its own, so that the model's files are on their way before it arrives.
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
