import { Float16Array } from '@petamoriken/float16';
import { DimeeError } from '../errors';
import type { LayerIndex } from '../layers';
import { float32From16 } from './float16';
import type { HiddenState } from './hidden-state';
import type { BottleneckEntry } from './manifest';
import { INT4_STEPS, INT8_STEPS, packInt4, quantise, unpackInt4 } from './quantise';

/** A learned way through few numbers: what turns one layer's output into a latent of r numbers and back. */
export interface Bottleneck {
  /** The layer whose output it carries. */
  readonly layer: LayerIndex;
  readonly hidden: number;
  /** 4 + int8 + int4 / 2. */
  readonly bytesPerToken: number;
  /** The first numbers of the latent, written as int8, and those after them, written as int4; r together. */
  readonly int8: number;
  readonly int4: number;
  /** The first four bytes of its file's SHA-256, most significant first: what was written needs the same file to be read. */
  readonly fingerprint: number;
  /** `[hidden]` */
  readonly mean: Float32Array;
  /** `[hidden, r]`, row-major */
  readonly encoder: Float32Array;
  /** `[r, hidden]`, row-major */
  readonly decoder: Float32Array;
}

/**
 * Reads a bottleneck's file: mean, encoder and decoder as float16, little-endian.
 * @throws DimeeError `MODEL_FILE_DAMAGED` for bytes that do not fit the manifest's entry, or are not finite.
 */
export function parseBottleneck(bytes: Uint8Array, entry: BottleneckEntry, hidden: number): Bottleneck {
  const { layer, bytesPerToken, int8, int4, file } = entry;
  const matrix = hidden * (int8 + int4);
  const expected = 2 * (hidden + 2 * matrix);
  if (bytes.byteLength !== expected) {
    throw damaged(file.path, `has ${bytes.byteLength} bytes where ${expected} were expected`);
  }
  const numbers = float32From16(new Uint16Array(new Uint8Array(bytes).buffer));
  if (!numbers.every(Number.isFinite)) throw damaged(file.path, 'holds numbers that are not finite');
  return {
    ...{ layer, hidden, bytesPerToken, int8, int4 },
    fingerprint: parseInt(file.sha256.slice(0, 8), 16),
    mean: numbers.subarray(0, hidden),
    encoder: numbers.subarray(hidden, hidden + matrix),
    decoder: numbers.subarray(hidden + matrix),
  };
}

/**
 * Writes a state as its latent (h − mean) · encoder: for each token two float16 scales (int8's and int4's, the part's
 * max |z| / 127 or / 7), then all int8 values, then all int4 values, two a byte.
 * @throws DimeeError `BAD_FRAME` for a state of another hidden size, or a latent too large for its scale.
 */
export function encodeLowRank({ data, tokens, hidden }: HiddenState, bottleneck: Bottleneck): Uint8Array<ArrayBuffer> {
  checkSize(hidden, bottleneck);
  const { mean, encoder, int8, int4, bytesPerToken } = bottleneck;
  const scales = new Float32Array(2 * tokens);
  const wide = new Int8Array(tokens * int8);
  const narrow = new Int8Array(tokens * int4);
  for (let token = 0; token < tokens; token++) {
    const row = data.slice(token * hidden, (token + 1) * hidden);
    for (let index = 0; index < hidden; index++) row[index] = (row[index] ?? 0) - (mean[index] ?? 0);
    const latent = new Float32Array(int8 + int4);
    addProduct(row, encoder, latent);
    scales[2 * token] = quantise(latent.subarray(0, int8), INT8_STEPS, wide.subarray(token * int8));
    scales[2 * token + 1] = quantise(latent.subarray(int8), INT4_STEPS, narrow.subarray(token * int4));
  }
  const bytes = new Uint8Array(tokens * bytesPerToken);
  bytes.set(new Uint8Array(new Float16Array(scales).buffer));
  bytes.set(new Uint8Array(wide.buffer), 4 * tokens);
  bytes.set(packInt4(narrow), (4 + int8) * tokens);
  return bytes;
}

/**
 * The numbers `[tokens, hidden]` of the `tokens · bytesPerToken` bytes that `encodeLowRank` wrote: mean + latent · decoder.
 * @throws DimeeError `BAD_FRAME` for another hidden size.
 */
export function decodeLowRank(
  buffer: ArrayBuffer,
  bottleneck: Bottleneck,
  tokens: number,
  hidden: number,
): Float32Array {
  checkSize(hidden, bottleneck);
  const { mean, decoder, int8, int4 } = bottleneck;
  const scales = float32From16(new Uint16Array(buffer, 0, 2 * tokens));
  const wide = new Int8Array(buffer, 4 * tokens, tokens * int8);
  const narrow = unpackInt4(new Uint8Array(buffer, (4 + int8) * tokens));
  const data = new Float32Array(tokens * hidden);
  for (let token = 0; token < tokens; token++) {
    const [wideScale = 0, narrowScale = 0] = scales.subarray(2 * token);
    const latent = new Float32Array(int8 + int4);
    for (let index = 0; index < int8; index++) latent[index] = (wide[token * int8 + index] ?? 0) * wideScale;
    for (let index = 0; index < int4; index++) {
      latent[int8 + index] = (narrow[token * int4 + index] ?? 0) * narrowScale;
    }
    const row = data.subarray(token * hidden, (token + 1) * hidden);
    row.set(mean);
    addProduct(latent, decoder, row);
  }
  return data;
}

/**
 * Adds a row `[n]` times a row-major matrix `[n, m]` to `sum` `[m]`. Four rows of the matrix at a time, which is 2 to 4
 * times as fast as one.
 */
function addProduct(row: Float32Array, matrix: Float32Array, sum: Float32Array): void {
  const width = sum.length;
  for (let from = 0; from < row.length; from += 4) {
    // Where the row ends before the four do, the last one stands in with factor 0.
    const [a = 0, b = 0, c = 0, d = 0] = row.subarray(from, from + 4);
    const start = (next: number) => Math.min(from + next, row.length - 1) * width;
    const [first, second, third, fourth] = [start(0), start(1), start(2), start(3)];
    for (let index = 0; index < width; index++) {
      sum[index] =
        (sum[index] ?? 0) +
        a * (matrix[first + index] ?? 0) +
        b * (matrix[second + index] ?? 0) +
        c * (matrix[third + index] ?? 0) +
        d * (matrix[fourth + index] ?? 0);
    }
  }
}

function checkSize(hidden: number, bottleneck: Bottleneck): void {
  if (hidden === bottleneck.hidden) return;
  const expected = `after layer ${bottleneck.layer} carries ${bottleneck.hidden} numbers a token`;
  throw new DimeeError('BAD_FRAME', `A low-rank payload ${expected}, not ${hidden}.`);
}

function damaged(path: string, problem: string): DimeeError {
  return new DimeeError('MODEL_FILE_DAMAGED', `The model's file ${path} ${problem}. Fetch it again.`);
}
