import * as v from 'valibot';
import { DimeeError } from '../errors';
import { bertText } from './bert-text';
import { assembleTokens, type Tokenize } from './tokens';

/** What of a `tokenizer.json` decides a text's tokens: a BERT tokeniser, as training exports it. */
const bertTokenizer = v.object({
  normalizer: v.object({
    type: v.literal('BertNormalizer'),
    clean_text: v.literal(true),
    handle_chinese_chars: v.literal(true),
    strip_accents: v.nullable(v.boolean()),
    lowercase: v.boolean(),
  }),
  pre_tokenizer: v.object({ type: v.literal('BertPreTokenizer') }),
  model: v.looseObject({
    type: v.literal('WordPiece'),
    unk_token: v.string(),
    vocab: v.record(v.string(), v.pipe(v.number(), v.integer())),
  }),
});

/**
 * The tokeniser of a model from its `tokenizer.json`, without any network. Transformers.js (100 kB compressed, a second to
 * start in Node) is loaded here and not with the room that asks: only texts need it, and a page's model files are on their
 * way before it arrives. It cuts words into pieces. What comes before is ours, since its results there depend on the
 * engine's Unicode version; so is what a person types of special tokens, which is plain text.
 * @throws DimeeError `MODEL_UNAVAILABLE` where the file is no BERT tokeniser.
 */
export async function openTokenizer(json: string, maxTokens: number): Promise<Tokenize> {
  const { PreTrainedTokenizer } = await import('@xenova/transformers');
  try {
    const { normalizer, model } = v.parse(bertTokenizer, JSON.parse(json));
    const { lowercase, strip_accents: stripAccents } = normalizer;
    const separate = bertText({ lowercase, stripAccents: stripAccents ?? lowercase });
    const pieces = new PreTrainedTokenizer({ ...WORDS_ALONE, model }, {});
    const idOf = (token: string) => {
      const id = model.vocab[token];
      if (id === undefined) throw new Error(`The vocabulary must have the token ${token}.`);
      return id;
    };
    const special = { cls: idOf('[CLS]'), sep: idOf('[SEP]'), unknown: idOf(model.unk_token) };
    const encode = (text: string) => pieces.encode(separate(text), { add_special_tokens: false });
    return (texts) => assembleTokens(texts.map(encode), special, maxTokens);
  } catch (cause) {
    throw new DimeeError('MODEL_UNAVAILABLE', 'The model’s tokenizer.json cannot be used.', { cause });
  }
}

/** A tokeniser for words with spaces between, of which none is special. */
const WORDS_ALONE = {
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: null,
  decoder: null,
};
