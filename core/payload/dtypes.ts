import type { LayerIndex } from '../layers';
import type { Manifest } from '../model/manifest';

/** Ways to write a hidden state that need nothing but its numbers, in the order of their numbers in a tensor frame. */
export const PLAIN_DTYPES = ['float32', 'float16', 'int8', 'int4'] as const;
export type PlainDtype = (typeof PLAIN_DTYPES)[number];

/** Bytes a token, at most, of the payloads that need a codec, learned for the layer after which they cross. */
export const CODED_BYTES = { coded216: 216, coded96: 96 } as const;
export type CodedDtype = keyof typeof CODED_BYTES;

/** What can be chosen: how a hidden state is to be written when it crosses between tiers. */
export const PAYLOAD_DTYPES = [...PLAIN_DTYPES, 'coded216', 'coded96'] as const;
export type PayloadDtype = (typeof PAYLOAD_DTYPES)[number];

export function isCoded(dtype: PayloadDtype): dtype is CodedDtype {
  return dtype in CODED_BYTES;
}

/** The layers after which a coded payload can cross, in the manifest's order. */
export function codedLayers({ codecs }: Pick<Manifest, 'codecs'>): LayerIndex[] {
  return codecs.map(({ layer }) => layer);
}

/** The payloads that a model can send: a coded one needs a codec after one layer at least. */
export function payloadsOf({ codecs }: Pick<Manifest, 'codecs'>): readonly PayloadDtype[] {
  return codecs.length > 0 ? PAYLOAD_DTYPES : PLAIN_DTYPES;
}

/** Neighbours along hidden that share an int4 scale. */
export const INT4_GROUP = 32;

/**
 * Bytes of a plain payload: float32 4·t·h, float16 2·t·h, int8 t·h and a float32 scale per token, int4 half of t·h and a
 * float16 scale per group.
 */
export function payloadByteLength(dtype: PlainDtype, tokens: number, hidden: number): number {
  switch (dtype) {
    case 'float32':
      return 4 * tokens * hidden;
    case 'float16':
      return 2 * tokens * hidden;
    case 'int8':
      return tokens * (hidden + 4);
    case 'int4':
      return tokens * (2 * Math.ceil(hidden / INT4_GROUP) + Math.ceil(hidden / 2));
  }
}
