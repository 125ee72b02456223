import type { Stretch } from '../../core/layers';
import { CODED_BYTES, isCoded, payloadByteLength, type PayloadDtype } from '../../core/payload/payload';
import type { Manifest } from '../../core/model/manifest';
import type { Words } from '../words/en';
import { count, listed } from '../words/numbers.svelte';
import { codedLayers } from '../../core/payload/state-codecs';

type PayloadWords = Words['settings']['device'];

/** A payload in words, with all that it takes but the header of its frame. */
export function payloadText(dtype: PayloadDtype, hidden: number, words: PayloadWords): string {
  return isCoded(dtype)
    ? words.coded(count(CODED_BYTES[dtype]))
    : words.plain(dtype, count(payloadByteLength(dtype, 1, hidden)));
}

/** What a person should know of coded payloads: why there are none, or where the chosen one gives way to int8. */
export function payloadHint(
  manifest: Manifest,
  dtype: PayloadDtype,
  stretches: readonly Stretch[],
  words: PayloadWords,
): string | undefined {
  if (manifest.codecs.length === 0) return words.noCodecs;
  if (!isCoded(dtype)) return undefined;
  const layers = codedLayers(manifest);
  const hops = stretches.slice(0, -1).map(({ lastLayer }) => lastLayer);
  const others = hops.filter((layer) => !layers.includes(layer));
  const learned = words.learned(listed(layers.map(String)));
  if (others.length === 0) return learned;
  return `${learned} ${words.givesWay(listed(others.map(String)))}`;
}
