import { DimeeError } from '../errors';
import type { HiddenState } from '../hidden-state';
import type { LayerIndex } from '../layers';
import { Lazy } from '../lazy';
import type { LayerRuntime } from './layer-runtime';
import { type Manifest, type ModelFile, variantOf } from './manifest';
import { openTokenizer } from './tokenizer';
import type { Texts, Tokenize, Tokens } from './tokens';

/** Numbers that go into a graph: `[1, tokens] int32`, or `[1, tokens, n] float32` where n is their length / tokens. */
export type Inputs = Readonly<Record<string, Int32Array | Float32Array>>;

/** One ONNX graph, ready to run. Each room has an adapter over its own runtime. */
export interface Session {
  /**
   * Runs it on a batch of one. The inputs are copied; the outputs, all float32, belong to the caller. `computeMs` does
   * not count the wait for other calls.
   */
  run(inputs: Inputs, tokens: number): Promise<{ outputs: Readonly<Record<string, Float32Array>>; computeMs: number }>;
  release(): Promise<void>;
}

/** The shape of an input of so many rows. */
export function dimsOf(data: Inputs[string], tokens: number, rows = 1): readonly number[] {
  return data instanceof Int32Array ? [rows, tokens] : [rows, tokens, data.length / (rows * tokens)];
}

/** @throws DimeeError `MODEL_UNAVAILABLE` for an output of another type. */
export function floatsOf(
  name: string,
  { data, type }: { readonly data: unknown; readonly type: string },
): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new DimeeError('MODEL_UNAVAILABLE', `The model's output ${name} must be float32, not ${type}.`);
}

export interface OnnxLayersOptions {
  readonly manifest: Manifest;
  readonly variant: string;
  /** Variants share it; `lazyTokenizer` makes one. */
  readonly tokenizer: Lazy<Tokenize>;
  /** Fetches files in the order they are asked for. */
  readonly fetchFile: (file: ModelFile) => Promise<Uint8Array>;
  readonly openSession: (graph: Uint8Array, part: 'embeddings' | 'layer') => Promise<Session>;
  /** Tokens of the runs that make the layers warm; none where the first run is as quick as others. */
  readonly warmUpLengths?: readonly number[];
  /** Lets the outside world be heard; called after each computation. */
  readonly breathe?: () => Promise<void>;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
}

/** The tokeniser of a model, opened at its first use. */
export function lazyTokenizer(
  { tokenizer, maxTokens }: Manifest,
  fetchFile: OnnxLayersOptions['fetchFile'],
): Lazy<Tokenize> {
  return new Lazy(async () => openTokenizer(new TextDecoder().decode(await fetchFile(tokenizer)), maxTokens));
}

/** The layers of one variant. Each is fetched when it is first needed, while earlier ones already compute. */
export class OnnxLayers implements LayerRuntime {
  readonly #embeddings: Lazy<Session>;
  readonly #layers: readonly Lazy<Session>[];
  /** Shaders and WASM are compiled at the first run, for all layers: time that no sample should pay for. */
  readonly #warmth = new Lazy(() => this.#warmUp().then(() => true));
  #waitedMs = 0;

  /** @throws DimeeError `BAD_INPUT` for a variant the model does not come in. */
  constructor(private readonly options: OnnxLayersOptions) {
    const { manifest, variant, fetchFile, openSession } = options;
    const { embeddings, layers } = variantOf(manifest, variant);
    this.#embeddings = new Lazy(async () => openSession(await fetchFile(embeddings), 'embeddings'));
    this.#layers = layers.map((file) => new Lazy(async () => openSession(await fetchFile(file), 'layer')));
  }

  /** Milliseconds that calls have waited for files, sessions and each other. What is left of a call is computing. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  get layersLoaded(): number {
    return this.#layers.filter(({ value }) => value).length;
  }

  /** Fetches all that layers 1 to `lastLayer` need, what is needed first in front. */
  async prepare(lastLayer: LayerIndex): Promise<void> {
    await Promise.all(this.#partsFor(lastLayer).map((part) => part.get()));
  }

  /** All that layers 1 to `lastLayer` need is here: a sample waits for nothing but its turn. */
  isReady(lastLayer: LayerIndex): boolean {
    return this.#partsFor(lastLayer).every(({ value }) => value !== undefined);
  }

  #partsFor(lastLayer: LayerIndex): readonly Lazy<unknown>[] {
    return [this.options.tokenizer, this.#embeddings, ...this.#layers.slice(0, lastLayer), this.#warmth];
  }

  async tokenize(texts: Texts): Promise<Tokens> {
    const askedAt = this.options.now();
    const tokenize = await this.options.tokenizer.get();
    this.#waitedMs += this.options.now() - askedAt;
    return tokenize(texts);
  }

  async embed({ inputIds, tokenTypeIds }: Tokens): Promise<HiddenState> {
    const inputs = { input_ids: inputIds, token_type_ids: tokenTypeIds };
    const { hidden_state: data } = await this.#run(this.#embeddings, inputs, inputIds.length);
    return this.#stateOf(data, inputIds.length);
  }

  async runLayer(layer: LayerIndex, { tokens, data }: HiddenState) {
    const session = this.#layers[layer - 1];
    if (!session) throw new DimeeError('BAD_INPUT', `The model has layers 1 to ${this.#layers.length}, not ${layer}.`);
    const inputs = { hidden_state: data, attention_mask: new Int32Array(tokens).fill(1) };
    const { next_hidden_state: next, logits } = await this.#run(session, inputs, tokens);
    if (!logits) throw new DimeeError('MODEL_UNAVAILABLE', `Layer ${layer} of the model has no output “logits”.`);
    return { state: this.#stateOf(next, tokens), logits };
  }

  /** Frees the sessions that were made. */
  async dispose(): Promise<void> {
    for (const { value } of [this.#embeddings, ...this.#layers]) await value?.release();
  }

  async #run(session: Lazy<Session>, inputs: Inputs, tokens: number) {
    const { now, breathe } = this.options;
    const askedAt = now();
    const { outputs, computeMs } = await (await session.get()).run(inputs, tokens);
    await breathe?.();
    this.#waitedMs += Math.max(now() - askedAt - computeMs, 0);
    return outputs;
  }

  async #warmUp(): Promise<void> {
    const { manifest, warmUpLengths = [] } = this.options;
    const session = await this.#layers[0]?.get();
    for (const tokens of warmUpLengths) {
      const inputs = {
        hidden_state: new Float32Array(tokens * manifest.hidden),
        attention_mask: new Int32Array(tokens).fill(1),
      };
      await session?.run(inputs, tokens);
    }
  }

  #stateOf(data: Float32Array | undefined, tokens: number): HiddenState {
    const { hidden } = this.options.manifest;
    if (data?.length === tokens * hidden) return { tokens, hidden, data };
    throw new DimeeError('MODEL_UNAVAILABLE', `The model gave no hidden state of [${tokens}, ${hidden}].`);
  }
}
