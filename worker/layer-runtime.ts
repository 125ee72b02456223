import { DimeeError } from '../core/errors';
import type { LayerRuntime } from '../core/ladder/tier';
import type { LayerIndex } from '../core/layers';
import type { HiddenState } from '../core/hidden-state';
import { type Manifest, type ModelFile, variantOf } from '../core/model/manifest';
import type { Texts, Tokenize, Tokens } from '../core/model/tokens';
import type { Backend } from '../core/protocol/page-messages';
import type { Inputs, Session } from './onnx';

export interface LayerRuntimeOptions {
  readonly manifest: Manifest;
  readonly variant: string;
  /** Where the layers run. The embeddings are a look-up in a table, and always run on WASM. */
  readonly backend: Backend;
  /** Fetches files in the order they are asked for. */
  readonly fetchFile: (file: ModelFile) => Promise<Uint8Array>;
  readonly openTokenizer: (json: string, maxTokens: number) => Promise<Tokenize>;
  readonly createSession: (model: Uint8Array, provider: Backend) => Promise<Session>;
  /** Lets the outside world be heard; called after each computation. */
  readonly breathe: () => Promise<void>;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
}

/**
 * Tokens of the runs that make the runtime warm. WebGPU has shaders of their own for multiples of 4, even and odd
 * lengths; on SwiftShader the first sample then takes 0.7 s a layer instead of 3 to 12 s.
 */
const WARM_UP_LENGTHS = [16, 14, 15];

/** The layers of one variant. Each is fetched when it is first needed, while earlier ones already compute. */
export class OnnxLayerRuntime implements LayerRuntime {
  readonly #tokenizer: Lazy<Tokenize>;
  readonly #embeddings: Lazy<Session>;
  readonly #layers: readonly Lazy<Session>[];
  /** Shaders and WASM are compiled at the first run, for all layers: time that no sample should pay for. */
  readonly #warmth = new Lazy(() => this.#warmUp());
  #waitedMs = 0;

  /** @throws DimeeError `BAD_INPUT` for a variant the model does not come in. */
  constructor(private readonly options: LayerRuntimeOptions) {
    const { manifest, variant, backend, fetchFile, createSession } = options;
    const { embeddings, layers } = variantOf(manifest, variant);
    const session = (file: ModelFile, provider: Backend) =>
      new Lazy(async () => createSession(await fetchFile(file), provider));
    this.#tokenizer = new Lazy(async () => {
      const json = new TextDecoder().decode(await fetchFile(manifest.tokenizer));
      return options.openTokenizer(json, manifest.maxTokens);
    });
    this.#embeddings = session(embeddings, 'wasm');
    this.#layers = layers.map((file) => session(file, backend));
  }

  /** Milliseconds that calls have waited for files, sessions and each other. What is left of a call is computing. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  /** Fetches all that layers 1 to `lastLayer` need, what is needed first in front. */
  async prepare(lastLayer: LayerIndex): Promise<void> {
    const parts = [this.#tokenizer, this.#embeddings, ...this.#layers.slice(0, lastLayer), this.#warmth];
    await Promise.all(parts.map((part) => part.get()));
  }

  async tokenize(texts: Texts): Promise<Tokens> {
    const askedAt = this.options.now();
    const tokenize = await this.#tokenizer.get();
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
    for (const session of [this.#embeddings, ...this.#layers]) await session.value?.release();
  }

  async #run(session: Lazy<Session>, inputs: Inputs, tokens: number) {
    const askedAt = this.options.now();
    const { outputs, computeMs } = await (await session.get()).run(inputs, tokens);
    await this.options.breathe();
    this.#waitedMs += Math.max(this.options.now() - askedAt - computeMs, 0);
    return outputs;
  }

  async #warmUp(): Promise<void> {
    const session = await this.#layers[0]?.get();
    const { hidden } = this.options.manifest;
    for (const tokens of WARM_UP_LENGTHS) {
      const inputs = {
        hidden_state: new Float32Array(tokens * hidden),
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

/** A value made at its first use. A failure is not kept: the next use tries again. */
class Lazy<Value> {
  #making: Promise<Value> | undefined;
  value: Value | undefined;

  constructor(private readonly make: () => Promise<Value>) {}

  get(): Promise<Value> {
    this.#making ??= this.make().then(
      (value) => (this.value = value),
      (error: unknown) => {
        this.#making = undefined;
        throw error;
      },
    );
    return this.#making;
  }
}
