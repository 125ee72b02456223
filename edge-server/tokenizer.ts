import { DimeeError } from '../core/errors';
import { assembleTokens, type Tokenize } from '../core/model/tokens';

/**
 * The tokeniser of a model from its `tokenizer.json`, without any network.
 * Transformers.js is loaded here and not with the server: it takes a second, and only samples that arrive as text need it.
 * @throws DimeeError `MODEL_UNAVAILABLE` where the file is no tokeniser.
 */
export async function openTokenizer(json: string, maxTokens: number): Promise<Tokenize> {
  const { PreTrainedTokenizer } = await import('@xenova/transformers');
  try {
    const tokenizer = new PreTrainedTokenizer(JSON.parse(json), { tokenizer_class: 'BertTokenizer' });
    const idsOf = (text: string) => tokenizer.encode(text, { add_special_tokens: false });
    const special = { cls: idOf(idsOf('[CLS]')), sep: idOf(idsOf('[SEP]')) };
    return (texts) => assembleTokens(texts.map(idsOf), special, maxTokens);
  } catch (cause) {
    throw new DimeeError('MODEL_UNAVAILABLE', 'The model’s tokenizer.json cannot be used.', { cause });
  }
}

function idOf([id, ...more]: number[]): number {
  if (id !== undefined && more.length === 0) return id;
  throw new Error('A special token must have one id.');
}
