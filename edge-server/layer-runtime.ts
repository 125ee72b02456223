import { DimeeError } from '../core/errors';
import type { LayerRuntime } from '../core/ladder/tier';
import type { LayerIndex } from '../core/layers';
import type { HiddenState } from '../core/hidden-state';
import { type ModelFile, type ModelVariant, variantOf } from '../core/model/manifest';
import type { Texts, Tokenize, Tokens } from '../core/model/tokens';
import type { ModelFolder } from './model-folder';
import { OnnxSession } from './onnx';
import { openTokenizer } from './tokenizer';

/** A value made at its first use. A failure is not kept: the next use tries again. */
class Lazy<Value> {
  #value: Promise<Value> | undefined;
  #isReady = false;

  constructor(private readonly make: () => Promise<Value>) {}

  get isReady(): boolean {
    return this.#isReady;
  }

  get(): Promise<Value> {
    this.#value ??= this.make().then(
      (value) => {
        this.#isReady = true;
        return value;
      },
      (error: unknown) => {
        this.#value = undefined;
        throw error;
      },
    );
    return this.#value;
  }
}

/** The layers of one variant, each loaded when it is first run. */
export class OnnxLayerRuntime implements LayerRuntime {
  readonly #embeddings: Lazy<OnnxSession>;
  readonly #layers: readonly Lazy<OnnxSession>[];

  constructor(
    private readonly model: ModelFolder,
    { embeddings, layers }: ModelVariant,
    private readonly tokenizer: Lazy<Tokenize>,
    threads: number,
  ) {
    const sessionOf = (file: ModelFile) => new Lazy(async () => OnnxSession.open(await model.read(file), threads));
    this.#embeddings = sessionOf(embeddings);
    this.#layers = layers.map(sessionOf);
  }

  get layersLoaded(): number {
    return this.#layers.filter((layer) => layer.isReady).length;
  }

  /** Loads all there is, so that the first samples do not wait for it. */
  async preload(): Promise<void> {
    for (const part of [...this.#layers, this.#embeddings, this.tokenizer]) await part.get();
  }

  async tokenize(texts: Texts): Promise<Tokens> {
    const tokenize = await this.tokenizer.get();
    return tokenize(texts);
  }

  async embed({ inputIds, tokenTypeIds }: Tokens): Promise<HiddenState> {
    const session = await this.#embeddings.get();
    const feeds = { input_ids: inputIds, token_type_ids: tokenTypeIds };
    const { hidden_state: data } = await session.run(feeds, inputIds.length);
    return this.#stateOf(data, inputIds.length);
  }

  async runLayer(layer: LayerIndex, state: HiddenState): Promise<{ state: HiddenState; logits: Float32Array }> {
    const session = await this.#layers[layer - 1]?.get();
    if (!session) throw new DimeeError('BAD_INPUT', `The model has layers 1 to ${this.#layers.length}, not ${layer}.`);
    const { tokens, data } = state;
    const feeds = { hidden_state: data, attention_mask: new Int32Array(tokens).fill(1) };
    const { next_hidden_state: next, logits } = await session.run(feeds, tokens);
    if (!logits) throw new DimeeError('MODEL_UNAVAILABLE', `Layer ${layer} of the model has no output “logits”.`);
    return { state: this.#stateOf(next, tokens), logits };
  }

  #stateOf(data: Float32Array | undefined, tokens: number): HiddenState {
    const { hidden } = this.model.manifest;
    if (data?.length === tokens * hidden) return { tokens, hidden, data };
    throw new DimeeError('MODEL_UNAVAILABLE', `The model gave no hidden state of [${tokens}, ${hidden}].`);
  }
}

/** The runtimes of a model's variants, made when first asked for; they share the tokeniser. */
export class OnnxRuntimes {
  readonly #byVariant = new Map<string, OnnxLayerRuntime>();
  readonly #tokenizer: Lazy<Tokenize>;

  constructor(
    private readonly model: ModelFolder,
    private readonly threads: number,
  ) {
    const { tokenizer, maxTokens } = model.manifest;
    this.#tokenizer = new Lazy(async () =>
      openTokenizer(new TextDecoder().decode(await model.read(tokenizer)), maxTokens),
    );
  }

  /** @throws DimeeError `BAD_INPUT` for a variant the model does not come in. */
  of(variant: string): OnnxLayerRuntime {
    const found = this.#byVariant.get(variant);
    if (found) return found;
    const files = variantOf(this.model.manifest, variant);
    const runtime = new OnnxLayerRuntime(this.model, files, this.#tokenizer, this.threads);
    this.#byVariant.set(variant, runtime);
    return runtime;
  }

  /** Layers loaded, by variant. */
  get layersLoaded(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#byVariant].map(([variant, { layersLoaded }]) => [variant, layersLoaded]));
  }
}
