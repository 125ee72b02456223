import { Lazy } from '../core/lazy';
import { lazyTokenizer, OnnxLayers } from '../core/model/onnx-layers';
import type { Tokenize } from '../core/model/tokens';
import type { ModelFolder } from './model-folder';
import { Onnx, type RuntimeChoice } from './onnx';

export interface RuntimesOptions {
  /** Threads within a layer. */
  readonly threads: number;
  readonly runtime?: RuntimeChoice;
  /** Hears where another ONNX runtime had to be taken than was wanted, and why. */
  readonly say?: (sentence: string) => void;
}

/** The runtimes of a model's variants, made when first asked for; they share the tokeniser. */
export class OnnxRuntimes {
  readonly #byVariant = new Map<string, OnnxLayers>();
  readonly #onnx: Lazy<Onnx>;
  readonly #tokenizer: Lazy<Tokenize>;

  constructor(
    private readonly model: ModelFolder,
    { threads, runtime = 'auto', say = (sentence) => void process.stderr.write(`${sentence}\n`) }: RuntimesOptions,
  ) {
    this.#onnx = new Lazy(async () => {
      const onnx = await Onnx.load(runtime, threads);
      if (onnx.fallback) say(onnx.fallback);
      return onnx;
    });
    const tokenizer = lazyTokenizer(model.manifest, (file) => model.read(file));
    // The runtime first: it may have to stand in for one that the tokeniser's library asks for.
    this.#tokenizer = new Lazy(() => this.#onnx.get().then(() => tokenizer.get()));
  }

  /** The ONNX runtime that computes, once one does. */
  get runtimeName(): Onnx['name'] | undefined {
    return this.#onnx.value?.name;
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
      openSession: async (graph) => (await this.#onnx.get()).openSession(graph),
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
