import type { Stretch } from '../../core/layers';
import { CODED_BYTES, isCoded, payloadByteLength, type PayloadDtype, codedLayers } from '../../core/payload/dtypes';
import type { Manifest } from '../../core/model/manifest';

/** A payload in words, with all that it takes but the header of its frame. */
export function payloadText(dtype: PayloadDtype, hidden: number): string {
  const size = isCoded(dtype)
    ? `coded, at most ${CODED_BYTES[dtype]}`
    : `${dtype}, ${payloadByteLength(dtype, 1, hidden).toLocaleString('en-GB')}`;
  return `${size} bytes a token`;
}

/** What a person should know of coded payloads: why there are none, or where the chosen one gives way to int8. */
export function payloadHint(
  manifest: Manifest,
  dtype: PayloadDtype,
  stretches: readonly Stretch[],
): string | undefined {
  if (manifest.codecs.length === 0) return 'This model comes without the files that coded payloads need.';
  if (!isCoded(dtype)) return undefined;
  const layers = codedLayers(manifest);
  const hops = stretches.slice(0, -1).map(({ lastLayer }) => lastLayer);
  const others = hops.filter((layer) => !layers.includes(layer));
  const learned = `This payload is learned for what comes after layers ${listed(layers)}.`;
  if (others.length === 0) return learned;
  return `${learned} After layer ${listed(others)}, where your split crosses too, hidden states cross as int8.`;
}

function listed(layers: readonly number[]): string {
  return new Intl.ListFormat('en-GB').format(layers.map(String));
}
