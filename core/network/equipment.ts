import { toLayer } from '../layers';
import type { TierName } from '../layers';
import { CODED_BYTES, isCoded, type PayloadDtype, payloadByteLength, codedLayers } from '../payload/dtypes';
import type { Manifest } from '../model/manifest';

/** Milliseconds that a tier takes for one layer of a sample of `REFERENCE_TOKENS` tokens. */
export type LayerTimes = Readonly<Record<TierName, number>>;

/** Compute is modelled as proportional to a sample's tokens: at this model's sizes attention adds little to it. */
export const REFERENCE_TOKENS = 32;

/**
 * Where nothing was measured: about what one layer's 0.11 GFLOP take at 22, 110 and 220 GFLOP/s, the order of a phone's
 * browser, a small server and a larger one. Assumptions, to be changed on the page.
 */
export const DEFAULT_LAYER_TIMES: LayerTimes = { mobile: 5, edge: 1, cloud: 0.5 };

/** Round trip between edge and cloud over cables: an assumption, the order of one to a data centre in the same country. */
export const DEFAULT_EDGE_TO_CLOUD_MS = 20;

/** What the modelled time of a sample depends on besides the network that the mobile tier is in. */
export interface Equipment {
  readonly layerMs: LayerTimes;
  readonly edgeToCloudMs: number;
  /** Bytes of a hidden state that crosses after layer 1, 2, …, a token. */
  readonly stateBytesPerToken: readonly number[];
}

/** `Equipment.stateBytesPerToken` of a payload: all that a coded one may take where the model has a codec, else int8. */
export function stateBytesPerToken(manifest: Manifest, dtype: PayloadDtype): readonly number[] {
  const layers = codedLayers(manifest);
  return Array.from({ length: manifest.layers }, (_, index) => {
    if (!isCoded(dtype)) return payloadByteLength(dtype, 1, manifest.hidden);
    return layers.includes(toLayer(index + 1)) ? CODED_BYTES[dtype] : payloadByteLength('int8', 1, manifest.hidden);
  });
}
