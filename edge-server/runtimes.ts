import type { Lazy } from '../core/lazy';
import { lazyTokenizer, OnnxLayers } from '../core/model/onnx-layers';
import type { Tokenize } from '../core/model/tokens';
import type { ModelFolder } from './model-folder';
import { openSession } from './onnx';

/** The runtimes of a model's variants, made when first asked for; they share the tokeniser. */
export class OnnxRuntimes {
  readonly #byVariant = new Map<string, OnnxLayers>();
  readonly #tokenizer: Lazy<Tokenize>;

  constructor(
    private readonly model: ModelFolder,
    private readonly threads: number,
  ) {
    this.#tokenizer = lazyTokenizer(model.manifest, (file) => model.read(file));
  }

  /** @throws DimeeError `BAD_INPUT` for a variant the model does not come in. */
  of(variant: string): OnnxLayers {
    const found = this.#byVariant.get(variant);
    if (found) return found;
    const runtime = new OnnxLayers({
      manifest: this.model.manifest,
      variant,
      tokenizer: this.#tokenizer,
      fetchFile: (file) => this.model.read(file),
      openSession: (graph) => openSession(graph, this.threads),
      now: () => performance.now(),
    });
    this.#byVariant.set(variant, runtime);
    return runtime;
  }

  /** Layers loaded, by variant. */
  get layersLoaded(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#byVariant].map(([variant, { layersLoaded }]) => [variant, layersLoaded]));
  }
}
