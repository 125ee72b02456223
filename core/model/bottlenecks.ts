import type { LayerIndex } from '../layers';
import {
  isLowRank,
  LOW_RANK_BYTES,
  type LowRankDtype,
  PAYLOAD_DTYPES,
  type PayloadDtype,
  type WireDtype,
} from './hidden-state';
import { type Bottleneck, parseBottleneck } from './low-rank';
import type { BottleneckEntry, Manifest, ModelFile } from './manifest';

/** The bottlenecks of a model, each read when it is first needed. */
export class Bottlenecks {
  readonly #loading = new Map<BottleneckEntry, Promise<Bottleneck>>();
  readonly #loaded = new Map<BottleneckEntry, Bottleneck>();

  constructor(
    private readonly manifest: Pick<Manifest, 'hidden' | 'bottlenecks'>,
    private readonly readFile: (file: ModelFile) => Promise<Uint8Array>,
  ) {}

  /**
   * How a hidden state crosses after a layer: as chosen, or as int8 where the model has no such bottleneck there.
   * @throws DimeeError where the bottleneck's file cannot be had.
   */
  async dtypeAfter(layer: LayerIndex, chosen: PayloadDtype): Promise<WireDtype> {
    if (!isLowRank(chosen)) return chosen;
    const entry = this.#entryOf(layer, LOW_RANK_BYTES[chosen]);
    return entry ? this.#load(entry) : 'int8';
  }

  /** Reads all there are, so that frames can be read as they come. @throws DimeeError of the first file that fails. */
  async loadAll(): Promise<void> {
    await Promise.all(this.manifest.bottlenecks.map((entry) => this.#load(entry)));
  }

  /** One that has been read. */
  get(layer: LayerIndex, bytesPerToken: number): Bottleneck | undefined {
    const entry = this.#entryOf(layer, bytesPerToken);
    return entry && this.#loaded.get(entry);
  }

  #entryOf(layer: LayerIndex, bytesPerToken: number): BottleneckEntry | undefined {
    return this.manifest.bottlenecks.find((entry) => entry.layer === layer && entry.bytesPerToken === bytesPerToken);
  }

  /** A failure is not kept: the next use tries again. */
  #load(entry: BottleneckEntry): Promise<Bottleneck> {
    const found = this.#loading.get(entry);
    if (found) return found;
    const loading = this.readFile(entry.file).then((bytes) => {
      const bottleneck = parseBottleneck(bytes, entry, this.manifest.hidden);
      this.#loaded.set(entry, bottleneck);
      return bottleneck;
    });
    this.#loading.set(entry, loading);
    loading.catch(() => this.#loading.delete(entry));
    return loading;
  }
}

/** For a tier that has none: every low-rank payload crosses as int8. */
export const NO_BOTTLENECKS = new Bottlenecks({ hidden: 0, bottlenecks: [] }, () =>
  Promise.reject(new Error('There is no bottleneck to read.')),
);

/** The layers after which a low-rank payload can cross, in the manifest's order. */
export function lowRankLayers({ bottlenecks }: Pick<Manifest, 'bottlenecks'>, dtype: LowRankDtype): LayerIndex[] {
  return bottlenecks.filter(({ bytesPerToken }) => bytesPerToken === LOW_RANK_BYTES[dtype]).map((entry) => entry.layer);
}

/** The payloads that a model can send: a low-rank one needs a bottleneck after one layer at least. */
export function payloadsOf(manifest: Pick<Manifest, 'bottlenecks'>): PayloadDtype[] {
  return PAYLOAD_DTYPES.filter((dtype) => !isLowRank(dtype) || lowRankLayers(manifest, dtype).length > 0);
}
