import { Float16Array } from '@petamoriken/float16';
import { DimeeError } from '../errors';
import { float32From16 } from './float16';

/** The output of a layer for one sample: `[tokens, hidden] float32`, row-major. */
export interface HiddenState {
  readonly tokens: number;
  readonly hidden: number;
  readonly data: Float32Array;
}

/** How a hidden state is written when it crosses between tiers. */
export const PAYLOAD_DTYPES = ['float32', 'float16', 'int8'] as const;
export type PayloadDtype = (typeof PAYLOAD_DTYPES)[number];

const LARGEST_FLOAT16 = 65_504;

/** Bytes of a payload: float32 4·t·h, float16 2·t·h, int8 t·h and a float32 scale per token. */
export function payloadByteLength(dtype: PayloadDtype, tokens: number, hidden: number): number {
  switch (dtype) {
    case 'float32':
      return 4 * tokens * hidden;
    case 'float16':
      return 2 * tokens * hidden;
    case 'int8':
      return tokens * (hidden + 4);
  }
}

/**
 * Writes a hidden state, little-endian. int8 is symmetric per token: `t` float32 scales (max |x| / 127), then the rounded
 * values; the error of a number is at most half its token's scale. The result is a copy.
 * @throws DimeeError `BAD_FRAME` for a number that is not finite, or too large for the dtype: it would not be read again.
 */
export function encodeHiddenState(state: HiddenState, dtype: PayloadDtype): Uint8Array<ArrayBuffer> {
  const largest = dtype === 'float16' ? LARGEST_FLOAT16 : Number.MAX_VALUE;
  if (!isWithin(state.data, largest)) {
    throw new DimeeError('BAD_FRAME', `The hidden state holds numbers that are not finite as ${dtype}.`);
  }
  switch (dtype) {
    case 'float32':
      return new Uint8Array(state.data.slice().buffer);
    case 'float16':
      return new Uint8Array(new Float16Array(state.data).buffer);
    case 'int8':
      return encodeInt8(state);
  }
}

/**
 * Reads what `encodeHiddenState` wrote. The result is a copy.
 * @throws DimeeError `BAD_FRAME` where the bytes do not fit the shape, or a value is not finite.
 */
export function decodeHiddenState(bytes: Uint8Array, dtype: PayloadDtype, tokens: number, hidden: number): HiddenState {
  const expected = payloadByteLength(dtype, tokens, hidden);
  if (bytes.byteLength !== expected) {
    throw new DimeeError(
      'BAD_FRAME',
      `A ${dtype} hidden state of ${tokens} tokens takes ${expected} bytes, not ${bytes.byteLength}.`,
    );
  }
  // Not `bytes.slice()`, which shares its memory where `bytes` is a Node Buffer.
  const buffer = new Uint8Array(bytes).buffer;
  const data = decodeValues(buffer, dtype, tokens, hidden);
  if (!isWithin(data, Number.MAX_VALUE)) {
    throw new DimeeError('BAD_FRAME', 'A hidden state holds numbers that are not finite.');
  }
  return { tokens, hidden, data };
}

/** Whether every number is finite and of at most this size. A plain loop: `every` is ten times as slow on typed arrays. */
function isWithin(data: Float32Array, largest: number): boolean {
  for (const x of data) if (!(Math.abs(x) <= largest)) return false;
  return true;
}

function decodeValues(buffer: ArrayBuffer, dtype: PayloadDtype, tokens: number, hidden: number): Float32Array {
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float16':
      return float32From16(new Uint16Array(buffer));
    case 'int8':
      return decodeInt8(buffer, tokens, hidden);
  }
}

function encodeInt8({ data, tokens, hidden }: HiddenState): Uint8Array<ArrayBuffer> {
  const buffer = new ArrayBuffer(payloadByteLength('int8', tokens, hidden));
  const scales = new Float32Array(buffer, 0, tokens);
  const values = new Int8Array(buffer, 4 * tokens);
  for (let token = 0; token < tokens; token++) {
    const [start, end] = [token * hidden, (token + 1) * hidden];
    let largest = 0;
    for (let index = start; index < end; index++) largest = Math.max(largest, Math.abs(data[index] ?? 0));
    const scale = largest / 127;
    scales[token] = scale;
    if (scale === 0) continue;
    for (let index = start; index < end; index++) values[index] = Math.round((data[index] ?? 0) / scale);
  }
  return new Uint8Array(buffer);
}

function decodeInt8(buffer: ArrayBuffer, tokens: number, hidden: number): Float32Array {
  const scales = new Float32Array(buffer, 0, tokens);
  const data = new Float32Array(new Int8Array(buffer, 4 * tokens));
  for (let token = 0; token < tokens; token++) {
    const scale = scales[token] ?? 0;
    for (let index = token * hidden; index < (token + 1) * hidden; index++) data[index] = (data[index] ?? 0) * scale;
  }
  return data;
}
