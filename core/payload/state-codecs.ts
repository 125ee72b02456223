import type { LayerIndex } from '../layers';
import { LazyMap } from '../lazy';
import { CODED_BYTES, isCoded, type PayloadDtype } from './dtypes';
import type { WireDtype } from './payload';
import type { CodecEntry, Manifest, ModelFile } from '../model/manifest';
import { parseStateCodec, type StateCodec } from './state-codec';

/** The codecs of a model, each read when it is first needed. */
export class StateCodecs {
  readonly #codecs = new LazyMap(async (entry: CodecEntry) =>
    parseStateCodec(await this.readFile(entry.file), entry, this.manifest.hidden),
  );

  constructor(
    private readonly manifest: Pick<Manifest, 'hidden' | 'codecs'>,
    private readonly readFile: (file: ModelFile) => Promise<Uint8Array>,
  ) {}

  /**
   * How a hidden state crosses after a layer: as chosen, or as int8 where the model has no codec there.
   * @throws DimeeError where the codec's file cannot be had.
   */
  async dtypeAfter(layer: LayerIndex, chosen: PayloadDtype): Promise<WireDtype> {
    if (!isCoded(chosen)) return chosen;
    const entry = this.#entryOf(layer);
    return entry ? { ...(await this.#codecs.get(entry)), bytesPerToken: CODED_BYTES[chosen] } : 'int8';
  }

  /** Reads all there are, so that frames can be read as they come. @throws DimeeError of the first file that fails. */
  async loadAll(): Promise<void> {
    await Promise.all(this.manifest.codecs.map((entry) => this.#codecs.get(entry)));
  }

  /** One that has been read. */
  get(layer: LayerIndex): StateCodec | undefined {
    const entry = this.#entryOf(layer);
    return entry && this.#codecs.value(entry);
  }

  #entryOf(layer: LayerIndex): CodecEntry | undefined {
    return this.manifest.codecs.find((entry) => entry.layer === layer);
  }
}

/** For a tier that has none: every coded payload crosses as int8. */
export const NO_CODECS = new StateCodecs({ hidden: 0, codecs: [] }, () =>
  Promise.reject(new Error('There is no codec to read.')),
);
