import { networkFiles, taskFiles } from '../../core/model/kept-files';
import type { Manifest, ModelFile } from '../../core/model/manifest';
import type { OfflineMessage } from '../../core/protocol/offline-messages';
import type { OfflineWorker } from './PageWorker.svelte';
import type { WorkerTier } from './WorkerTier.svelte';

export interface OfflineParts {
  readonly manifest: Manifest;
  readonly manifestUrl: URL;
  readonly tier: Pick<WorkerTier, 'layersReady' | 'backend' | 'loadAhead'>;
  readonly worker: OfflineWorker;
  /** Fetches a file of the model, and has the browser keep it. */
  readonly fetchFile: (file: ModelFile) => Promise<unknown>;
  /** Which files the browser keeps, by their hash. */
  readonly keptFiles: (files: readonly ModelFile[]) => Promise<ReadonlySet<string>>;
}

/** Whether the whole playground runs without a network: the page, the runtime, all layers, and what it shows of every task. */
export class Offline {
  /** How often it has been asked for. */
  #attempts = $state(0);
  /** For which weights and backend all is kept. */
  #keptFor: string | undefined = $state();
  #kept: ReadonlySet<string> = $state.raw(new Set());
  #hasFailed = $state(false);
  #lookedAt: string | undefined;

  constructor(private readonly parts: OfflineParts) {}

  /** True only where a reload without a network has been provided for. */
  get works(): boolean {
    return this.#keptFor !== undefined && this.#keptFor === this.#device;
  }

  /** What is needed is being fetched. */
  get isPreparing(): boolean {
    return this.#attempts > 0 && !this.works && !this.#hasFailed;
  }

  /** The browser keeps nothing here, its disk is full, or the server is away. */
  get hasFailed() {
    return this.#hasFailed;
  }

  /** Bytes of model files that are still to be fetched for it; undefined until weights are chosen. */
  get missingBytes(): number | undefined {
    const files = this.#files;
    return files?.reduce((sum, { sha256, bytes }) => (this.#kept.has(sha256) ? sum : sum + bytes), 0);
  }

  /** Fetches whatever is missing, deeper layers first. */
  prepare(): void {
    this.#hasFailed = false;
    this.#attempts++;
    this.parts.tier.loadAhead(this.parts.manifest.layers);
  }

  /** To be called in an effect: goes on as layers come, and finds what an earlier visit has kept. */
  follow(): void {
    const { tier, manifest } = this.parts;
    const device = this.#device;
    if (device === undefined || this.works) return;
    const hasLayers = tier.layersReady >= manifest.layers;
    const step = `${device} ${hasLayers} ${this.#attempts}`;
    if (this.#lookedAt === step) return;
    this.#lookedAt = step;
    void (hasLayers && this.#attempts > 0 ? this.#keepAll(device) : this.#look(device));
  }

  get #device(): string | undefined {
    const { backend } = this.parts.tier;
    return backend && `${backend.backend} ${backend.variant}`;
  }

  get #files(): readonly ModelFile[] | undefined {
    const { manifest, tier } = this.parts;
    return tier.backend && [...networkFiles(manifest, tier.backend.variant), ...taskFiles(manifest)];
  }

  async #keepAll(device: string): Promise<void> {
    const { worker, manifest, fetchFile } = this.parts;
    try {
      await worker.start();
      await worker.ask(this.#message('keep'));
      await Promise.all(taskFiles(manifest).map(fetchFile));
    } catch {
      // What is lacking then shows when it is looked at.
    }
    await this.#look(device);
    this.#hasFailed = this.#device === device && !this.works;
  }

  /** Fetches nothing. */
  async #look(device: string): Promise<void> {
    const { worker, keptFiles } = this.parts;
    const files = this.#files ?? [];
    const kept = await keptFiles(files);
    const isKept = (await worker.isThere()) && (await worker.ask(this.#message('isKept')));
    if (this.#device !== device) return;
    this.#kept = kept;
    if (isKept && files.every(({ sha256 }) => kept.has(sha256))) this.#keptFor = device;
  }

  #message(type: 'keep' | 'isKept'): OfflineMessage {
    const { tier, manifestUrl } = this.parts;
    return { type, backend: tier.backend?.backend ?? 'wasm', manifestUrl: manifestUrl.href };
  }
}
