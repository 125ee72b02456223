import { Float16Array } from '@petamoriken/float16';
import { DimeeError } from '../errors';
import type { HiddenState } from '../hidden-state';
import { type BudgetedCodec, decodeCoded, encodeCoded } from './coded-payload';
import { float32From16 } from '../numbers/float16';
import { INT4_GROUP, payloadByteLength, type PlainDtype } from './dtypes';
import { packInt4, quantise, unpackInt4 } from './quantise';
import type { StateCodec } from './state-codec';

// Loops over all numbers read `?? 0` and not `at`, for the time it takes (`at.ts`).

/** How one payload is written in fact. */
export type WireDtype = PlainDtype | BudgetedCodec;

/** How one payload is read: what it may take does not matter for that. */
export type ReadDtype = PlainDtype | StateCodec;

const LARGEST_FLOAT16 = 65_504;
/**
 * Writes a hidden state, little-endian. int8 is symmetric per token: `t` float32 scales (max |x| / 127), then the rounded
 * values; int4 is symmetric per group of 32 along hidden: `t · groups` float16 scales (max |x| / 7), then the rounded
 * values, two a byte, an odd row filled up with zero. The error of a number is at most half its scale, besides what
 * rounding the scale adds. The result is a copy.
 * @throws DimeeError `BAD_FRAME` for a number that is not finite, or too large for the dtype: it would not be read again.
 */
export function encodeHiddenState(state: HiddenState, dtype: WireDtype): Uint8Array<ArrayBuffer> {
  const largest = dtype === 'float16' ? LARGEST_FLOAT16 : Number.MAX_VALUE;
  if (!isWithin(state.data, largest)) {
    const name = typeof dtype === 'string' ? dtype : 'coded';
    throw new DimeeError('BAD_FRAME', `The hidden state holds numbers that are not finite as ${name}.`);
  }
  if (typeof dtype !== 'string') return encodeCoded(state, dtype);
  switch (dtype) {
    case 'float32':
      return new Uint8Array(state.data.slice().buffer);
    case 'float16':
      return new Uint8Array(new Float16Array(state.data).buffer);
    case 'int8':
      return encodeInt8(state);
    case 'int4':
      return encodeInt4(state);
  }
}

/** Gives memory for as many numbers, zero all of them. */
export type Allocate = (length: number) => Float32Array;

/**
 * Reads what `encodeHiddenState` wrote. The result is a copy.
 * @param allocate gives the memory that a plain payload is read to.
 * @throws DimeeError `BAD_FRAME` where the bytes do not fit the shape, or a value is not finite.
 */
export function decodeHiddenState(
  bytes: Uint8Array,
  dtype: ReadDtype,
  tokens: number,
  hidden: number,
  allocate: Allocate = (length) => new Float32Array(length),
): HiddenState {
  const data =
    typeof dtype === 'string'
      ? decodePlain(bytes, dtype, tokens, hidden, allocate)
      : decodeCoded(bytes, dtype, tokens, hidden);
  if (!isWithin(data, Number.MAX_VALUE)) {
    throw new DimeeError('BAD_FRAME', 'A hidden state holds numbers that are not finite.');
  }
  return { tokens, hidden, data };
}

/** Whether every number is finite and of at most this size. A plain loop by index: all else is slow on typed arrays. */
function isWithin(data: Float32Array, largest: number): boolean {
  const { length } = data;
  for (let index = 0; index < length; index++) if (!(Math.abs(data[index] ?? 0) <= largest)) return false;
  return true;
}

function decodePlain(
  bytes: Uint8Array,
  dtype: PlainDtype,
  tokens: number,
  hidden: number,
  allocate: Allocate,
): Float32Array {
  const expected = payloadByteLength(dtype, tokens, hidden);
  if (bytes.byteLength !== expected) {
    throw new DimeeError(
      'BAD_FRAME',
      `A ${dtype} hidden state of ${tokens} tokens takes ${expected} bytes, not ${bytes.byteLength}.`,
    );
  }
  // Not `bytes.slice()`, which shares its memory where `bytes` is a Node Buffer.
  const buffer = new Uint8Array(bytes).buffer;
  const data = allocate(tokens * hidden);
  switch (dtype) {
    case 'float32':
      data.set(new Float32Array(buffer));
      break;
    case 'float16':
      data.set(float32From16(new Uint16Array(buffer)));
      break;
    case 'int8':
      decodeInt8(buffer, tokens, data);
      break;
    case 'int4':
      decodeInt4(buffer, tokens, data);
      break;
  }
  return data;
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

function decodeInt8(buffer: ArrayBuffer, tokens: number, data: Float32Array): void {
  const scales = new Float32Array(buffer, 0, tokens);
  const values = new Int8Array(buffer, 4 * tokens);
  const hidden = data.length / tokens;
  for (let token = 0; token < tokens; token++) {
    const scale = scales[token] ?? 0;
    const end = (token + 1) * hidden;
    for (let index = token * hidden; index < end; index++) data[index] = (values[index] ?? 0) * scale;
  }
}

function encodeInt4({ data, tokens, hidden }: HiddenState): Uint8Array<ArrayBuffer> {
  const groups = Math.ceil(hidden / INT4_GROUP);
  const rowLength = 2 * Math.ceil(hidden / 2);
  const scales = new Float32Array(tokens * groups);
  const values = new Int8Array(tokens * rowLength);
  for (let token = 0; token < tokens; token++) {
    for (let group = 0; group < groups; group++) {
      const [start, end] = [group * INT4_GROUP, Math.min((group + 1) * INT4_GROUP, hidden)];
      const numbers = data.subarray(token * hidden + start, token * hidden + end);
      scales[token * groups + group] = quantise(numbers, values.subarray(token * rowLength + start));
    }
  }
  const bytes = new Uint8Array(payloadByteLength('int4', tokens, hidden));
  bytes.set(new Uint8Array(new Float16Array(scales).buffer));
  bytes.set(packInt4(values), 2 * scales.length);
  return bytes;
}

function decodeInt4(buffer: ArrayBuffer, tokens: number, data: Float32Array): void {
  const hidden = data.length / tokens;
  const groups = Math.ceil(hidden / INT4_GROUP);
  const rowLength = 2 * Math.ceil(hidden / 2);
  const scales = float32From16(new Uint16Array(buffer, 0, tokens * groups));
  const values = unpackInt4(new Uint8Array(buffer, 2 * scales.length));
  for (let token = 0; token < tokens; token++) {
    for (let column = 0; column < hidden; column++) {
      const scale = scales[token * groups + Math.floor(column / INT4_GROUP)] ?? 0;
      data[token * hidden + column] = (values[token * rowLength + column] ?? 0) * scale;
    }
  }
}
