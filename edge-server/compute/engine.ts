import { DimeeError } from '../../core/errors';
import { Lazy } from '../../core/lazy';
import { openTokenizer } from '../../core/model/tokenizer';
import type { Tokenize } from '../../core/model/tokens';
import { decodeHiddenState, encodeHiddenState } from '../../core/payload/payload';
import { type BatchSession, Onnx, type RuntimeChoice } from '../onnx';
import { packed, padded } from './batch';
import type { ComputeWorker, Done, JobKind, Jobs, Part } from './jobs';
import { shared } from './shared-memory';

export interface EngineOptions {
  readonly hidden: number;
  readonly maxTokens: number;
  readonly runtime: RuntimeChoice;
  /** Threads within a layer. */
  readonly threads: number;
}

type Handlers = { [Kind in JobKind]: (asked: Jobs[Kind]['asked']) => Promise<Done<Kind>> };

/** Does jobs on the thread that it lives on: sessions, the tokeniser and the codecs of one model. */
export class Engine implements ComputeWorker {
  readonly ended = new Promise<void>(() => undefined);
  readonly #onnx: Lazy<Onnx>;
  readonly #sessions = new Map<string, BatchSession>();
  #tokenize: Tokenize | undefined;

  constructor(private readonly options: EngineOptions) {
    this.#onnx = new Lazy(() => Onnx.load(options.runtime, options.threads));
  }

  do<Kind extends JobKind>(kind: Kind, asked: Jobs[Kind]['asked']): Promise<Done<Kind>> {
    return this.#handlers[kind](asked);
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await session.release();
    this.#sessions.clear();
  }

  readonly #handlers: Handlers = {
    open: async ({ part, file }) => {
      // The runtime first: it may have to stand in for one that the tokeniser's library asks for.
      const onnx = await this.#onnx.get();
      if (part.kind === 'tokenizer') await this.#openTokenizer(file);
      else this.#sessions.set(keyOf(part), await onnx.openSession(new Uint8Array(file)));
      return { answer: { runtime: onnx.name, fallback: onnx.fallback }, computeMs: 0 };
    },
    tokenize: ({ texts }) => timed(() => (this.#tokenize ?? notOpen('the tokeniser'))(texts)),
    embed: async ({ variant, tokens }) => {
      const { inputIds, tokenTypeIds } = tokens;
      const inputs = { input_ids: inputIds, token_type_ids: tokenTypeIds };
      const session = this.#sessionOf({ kind: 'embeddings', variant });
      const { outputs, computeMs } = await session.run(inputs, inputIds.length);
      return { answer: shared(this.#stateIn(outputs, 'hidden_state', inputIds.length)), computeMs };
    },
    layer: async ({ variant, layer, rows }) => {
      const { hidden } = this.options;
      const session = this.#sessionOf({ kind: 'layer', variant, layer });
      const batch = padded(rows, hidden);
      const { outputs, computeMs } = await session.run(batch.inputs, batch.tokens, rows.length);
      const states = this.#stateIn(outputs, 'next_hidden_state', rows.length * batch.tokens);
      const { logits } = outputs;
      if (!logits) throw new DimeeError('MODEL_UNAVAILABLE', `Layer ${layer} of the model has no output “logits”.`);
      return { answer: { states: packed(states, batch, hidden), logits }, computeMs };
    },
    read: ({ codec, payload, tokens }) =>
      timed(() => {
        const { data } = decodeHiddenState(payload, codec, tokens, this.options.hidden);
        return shared(data);
      }),
    write: ({ codec, bytesPerToken, state: data }) =>
      timed(() => {
        const { hidden } = this.options;
        return encodeHiddenState({ tokens: data.length / hidden, hidden, data }, { ...codec, bytesPerToken });
      }),
  };

  async #openTokenizer(file: Uint8Array): Promise<void> {
    // A decoder takes no shared memory.
    this.#tokenize = await openTokenizer(new TextDecoder().decode(new Uint8Array(file)), this.options.maxTokens);
  }

  #sessionOf(part: Part): BatchSession {
    return this.#sessions.get(keyOf(part)) ?? notOpen(keyOf(part));
  }

  #stateIn(outputs: Readonly<Record<string, Float32Array>>, name: string, tokens: number): Float32Array {
    const { hidden } = this.options;
    const data = outputs[name];
    if (data?.length === tokens * hidden) return data;
    throw new DimeeError('MODEL_UNAVAILABLE', `The model gave no hidden state of [${tokens}, ${hidden}].`);
  }
}

/** A part's name. */
export function keyOf(part: Part): string {
  if (part.kind === 'tokenizer') return part.kind;
  return part.kind === 'embeddings' ? `${part.variant} embeddings` : `${part.variant} layer ${part.layer}`;
}

async function timed<Answer>(job: () => Answer): Promise<{ answer: Answer; computeMs: number }> {
  const startedAt = performance.now();
  const answer = await job();
  return { answer, computeMs: performance.now() - startedAt };
}

function notOpen(what: string): never {
  throw new DimeeError('INTERNAL', `${what} is not open in this worker.`);
}
