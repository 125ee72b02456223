import type { Stretch } from '../../core/layers';
import { lowRankLayers } from '../../core/model/bottlenecks';
import { isLowRank, LOW_RANK_BYTES, payloadByteLength, type PayloadDtype } from '../../core/model/hidden-state';
import type { Manifest } from '../../core/model/manifest';

/** A payload in words, with all that it takes but the header of its frame. */
export function payloadText(dtype: PayloadDtype, hidden: number): string {
  const [name, bytes] = isLowRank(dtype)
    ? ['low-rank', LOW_RANK_BYTES[dtype]]
    : [dtype, payloadByteLength(dtype, 1, hidden)];
  return `${name}, ${bytes.toLocaleString('en-GB')} bytes a token`;
}

/** What a person should know of low-rank payloads: why there are none, or where the chosen one gives way to int8. */
export function payloadHint(
  manifest: Manifest,
  dtype: PayloadDtype,
  stretches: readonly Stretch[],
): string | undefined {
  if (manifest.bottlenecks.length === 0) return 'This model comes without the files that low-rank payloads need.';
  if (!isLowRank(dtype)) return undefined;
  const layers = lowRankLayers(manifest, dtype);
  const hops = stretches.slice(0, -1).map(({ lastLayer }) => lastLayer);
  const others = hops.filter((layer) => !layers.includes(layer));
  const learned = `This payload is learned for what comes after layers ${listed(layers)}.`;
  if (others.length === 0) return learned;
  return `${learned} After layer ${listed(others)}, where your split crosses too, hidden states cross as int8.`;
}

function listed(layers: readonly number[]): string {
  return new Intl.ListFormat('en-GB').format(layers.map(String));
}
