import { DimeeError } from '../../core/errors';
import { Follower } from '../../core/ladder/ascent';
import { layerAfter } from '../../core/layers';
import { Lazy } from '../../core/lazy';
import type { Manifest } from '../../core/model/manifest';
import { openTokenizer } from '../../core/model/tokenizer';
import type { Tokenize } from '../../core/model/tokens';
import { decodeHiddenState, encodeHiddenState } from '../../core/payload/payload';
import { type BatchSession, Onnx, type RuntimeChoice } from '../onnx';
import { padded, unpadded } from './batch';
import type { ClimbBatch, ComputeWorker, Done, JobKind, Jobs, Part } from './jobs';
import { ReusedMemory } from './reused-memory';
import { shared } from './shared-memory';

export interface EngineOptions {
  readonly manifest: Manifest;
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
  /** What a layer reads, and what it writes, in turn. */
  readonly #memories = [new ReusedMemory(), new ReusedMemory()] as const;
  #tokenize: Tokenize | undefined;

  /** @param interrupted not 0 once others come first: whoever asks for a job clears it before. */
  constructor(
    private readonly options: EngineOptions,
    private readonly interrupted: Int32Array<ArrayBufferLike> = new Int32Array(1),
  ) {
    this.#onnx = new Lazy(() => Onnx.load(options.runtime, options.threads));
  }

  do<Kind extends JobKind>(kind: Kind, asked: Jobs[Kind]['asked']): Promise<Done<Kind>> {
    return this.#handlers[kind](asked);
  }

  interrupt(): void {
    Atomics.store(this.interrupted, 0, 1);
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
    climb: (asked) => this.#climb(asked),
    read: ({ codec, payload, tokens }) =>
      timed(() => {
        const { data } = decodeHiddenState(payload, codec, tokens, this.#hidden);
        return shared(data);
      }),
    write: ({ codec, bytesPerToken, state: data }) =>
      timed(() => {
        const hidden = this.#hidden;
        return encodeHiddenState({ tokens: data.length / hidden, hidden, data }, { ...codec, bytesPerToken });
      }),
  };

  get #hidden(): number {
    return this.options.manifest.hidden;
  }

  /** Layer after layer, as long as all of them stay: where one leaves, who goes on with whom is decided anew. */
  async #climb({ variant, layer: first, rows }: ClimbBatch): Promise<Done<'climb'>> {
    const { manifest } = this.options;
    const followers = rows.map(({ rule }) => rule && new Follower(rule, manifest));
    let [read, written] = this.#memories;
    const given = rows.map(({ state }) => state);
    const batch = padded(given, this.#hidden, read.take);
    const size = rows.length * batch.tokens * this.#hidden;
    const layers: { logits: Float32Array; computeMs: number }[] = [];
    let inputs = batch.inputs;
    for (let layer = first; ; layer = layerAfter(layer)) {
      const session = this.#sessionOf({ kind: 'layer', variant, layer });
      const into = { next_hidden_state: written.take(size) };
      const { outputs, computeMs } = await session.run(inputs, batch.tokens, rows.length, into);
      const states = this.#stateIn(outputs, 'next_hidden_state', rows.length * batch.tokens);
      const { logits } = outputs;
      if (!logits) throw new DimeeError('MODEL_UNAVAILABLE', `Layer ${layer} of the model has no output “logits”.`);
      layers.push({ logits, computeMs });
      const classes = logits.length / rows.length;
      const stays = followers.map((follower, row) =>
        follower?.staysAfter(logits.subarray(row * classes, (row + 1) * classes)),
      );
      if (!stays.every(Boolean) || !this.#mayRun({ kind: 'layer', variant, layer: layerAfter(layer) })) {
        const computeMs = layers.reduce((sum, run) => sum + run.computeMs, 0);
        return { answer: { states: unpadded(states, batch, this.#hidden), layers }, computeMs };
      }
      inputs = { ...batch.inputs, hidden_state: states };
      [read, written] = [written, read];
    }
  }

  /** Without asking: it is open, and nobody comes first. */
  #mayRun(part: Part): boolean {
    return Atomics.load(this.interrupted, 0) === 0 && this.#sessions.has(keyOf(part));
  }

  async #openTokenizer(file: Uint8Array): Promise<void> {
    // A decoder takes no shared memory.
    this.#tokenize = await openTokenizer(
      new TextDecoder().decode(new Uint8Array(file)),
      this.options.manifest.maxTokens,
    );
  }

  #sessionOf(part: Part): BatchSession {
    return this.#sessions.get(keyOf(part)) ?? notOpen(keyOf(part));
  }

  #stateIn(outputs: Readonly<Record<string, Float32Array>>, name: string, tokens: number): Float32Array {
    const hidden = this.#hidden;
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
