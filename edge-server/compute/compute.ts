import { availableParallelism } from 'node:os';
import { at } from '../../core/numbers/at';
import { toLayer } from '../../core/layers';
import { LazyMap } from '../../core/lazy';
import { type ModelFile, variantOf } from '../../core/model/manifest';
import type { StateCoder } from '../../core/payload/state-coder';
import { BATCH_BOUNDS } from '../../core/scheduling/companions';
import type { ModelFolder } from '../model-folder';
import type { RuntimeChoice } from '../onnx';
import type { EngineOptions } from './engine';
import type { ComputeWorker, OpenedBy, Part } from './jobs';
import { type BatchReport, Pool, type PoolStatus } from './pool';
import { PooledCoder } from './pooled-coder';
import { PooledRuntime, type VariantParts } from './pooled-runtime';
import { shared } from './shared-memory';
import { Thread } from './thread';

export interface ComputeOptions {
  /** By default one a core, or fewer where each has several threads. */
  readonly workers?: number | undefined;
  /** Threads within a layer. */
  readonly threads: number;
  readonly runtime?: RuntimeChoice;
  /** Longest row times rows of a batch, at most; 1 for no batches. */
  readonly batchTokens?: number;
  /** Hears where another ONNX runtime had to be taken than was wanted, and of workers that were lost. */
  readonly say?: (sentence: string) => void;
  readonly startWorker?: (options: EngineOptions) => ComputeWorker;
}

const startThread = (options: EngineOptions): ComputeWorker => new Thread(options);

const TOKENIZER: Part = { kind: 'tokenizer' };

/** All that computes in this process, for all its tiers and the variants of one model. Nothing of it runs on this thread. */
export class Compute {
  readonly workers: number;
  readonly coder: StateCoder;
  readonly #pool: Pool;
  readonly #parts = new Map<string, VariantParts>();
  readonly #runtimes = new Map<string, PooledRuntime>();
  readonly #prepared = new LazyMap(async (variant: string) => {
    const { tokenizer, embeddings, layers } = this.#partsOf(variant);
    await this.#pool.open([tokenizer, embeddings, ...layers]);
  });
  readonly #listeners: ((report: BatchReport) => void)[] = [];
  #opened: OpenedBy | undefined;

  constructor(
    private readonly model: Pick<ModelFolder, 'manifest' | 'read'>,
    private readonly options: ComputeOptions,
  ) {
    const { manifest } = model;
    const { threads, runtime = 'auto', say, startWorker = startThread } = options;
    this.workers = options.workers ?? Math.max(Math.floor(availableParallelism() / threads), 1);
    const engine: EngineOptions = { manifest, runtime, threads };
    this.#pool = new Pool({
      workers: this.workers,
      startWorker: () => startWorker(engine),
      fileOf: async (part) => shared(await model.read(this.#fileOf(part))),
      bounds: { ...BATCH_BOUNDS, tokens: options.batchTokens ?? BATCH_BOUNDS.tokens },
      onBatch: (report) => this.#listeners.forEach((listener) => listener(report)),
      onLost: () => say?.('A worker ended by itself. Another takes its place.'),
      onOpened: ({ answer }) => this.#heard(answer),
      now: () => performance.now(),
    });
    this.coder = new PooledCoder(manifest, (task) => this.#pool.add(task));
  }

  get status(): PoolStatus {
    return this.#pool.status;
  }

  /** Tells of every batch from now on. */
  watch(listener: (report: BatchReport) => void): void {
    this.#listeners.push(listener);
  }

  /** The ONNX runtime that computes, once one does. */
  get runtimeName(): OpenedBy['runtime'] | undefined {
    return this.#opened?.runtime;
  }

  /** Layers that every worker has open, by variant. */
  get layersLoaded(): Readonly<Record<string, number>> {
    const isOpen = (part: Part) => this.#pool.openIn(part) === this.workers;
    return Object.fromEntries([...this.#parts].map(([variant, { layers }]) => [variant, layers.filter(isOpen).length]));
  }

  /**
   * All of it is opened from now on, in every worker.
   * @throws DimeeError `BAD_INPUT` for a variant the model does not come in.
   */
  of(variant: string): PooledRuntime {
    const found = this.#runtimes.get(variant);
    if (found) return found;
    const runtime = new PooledRuntime(this.#partsOf(variant), this.model.manifest, (task) => this.#pool.add(task));
    this.#runtimes.set(variant, runtime);
    // Whoever needs what cannot be opened is told.
    void this.prepare(variant).catch(() => undefined);
    return runtime;
  }

  /** Opens all that a variant needs, in every worker. @throws DimeeError where that cannot be had. */
  prepare(variant: string): Promise<void> {
    return this.#prepared.get(variant);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #partsOf(variant: string): VariantParts {
    const found = this.#parts.get(variant);
    if (found) return found;
    const { layers } = variantOf(this.model.manifest, variant);
    const parts: VariantParts = {
      ...{ variant, tokenizer: TOKENIZER, embeddings: { kind: 'embeddings', variant } },
      layers: layers.map((_, index) => ({ kind: 'layer', variant, layer: toLayer(index + 1) })),
    };
    this.#parts.set(variant, parts);
    return parts;
  }

  #fileOf(part: Part): ModelFile {
    const { manifest } = this.model;
    if (part.kind === 'tokenizer') return manifest.tokenizer;
    const { embeddings, layers } = variantOf(manifest, part.variant);
    return part.kind === 'embeddings' ? embeddings : at(layers, part.layer - 1);
  }

  #heard(opened: OpenedBy): void {
    if (!this.#opened && opened.fallback) this.options.say?.(opened.fallback);
    this.#opened ??= opened;
  }
}
