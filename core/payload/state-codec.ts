import { at } from '../numbers/at';
import { DimeeError } from '../errors';
import type { LayerIndex } from '../layers';
import { float32From16 } from '../numbers/float16';
import type { CodecEntry } from '../model/manifest';
import { SLOTS, type SymbolTable, tableOf } from './rans';

// Loops over all numbers read `?? 0` and not `at`, for the time it takes (`at.ts`).

/**
 * How hidden states after one layer are written in few bytes: a transform, what a token foretells of the next one, a
 * codebook for the rest, a step for each token, and an entropy coder (`PROTOCOL.md`, TF8).
 */
export interface StateCodec {
  /** The layer whose output it is learned for. */
  readonly layer: LayerIndex;
  readonly hidden: number;
  /** The first four bytes of its file's SHA-256, most significant first: what was written needs the same file to be read. */
  readonly fingerprint: number;
  /** `[hidden]` */
  readonly mean: Float32Array;
  /** `[hidden, hidden]`, row-major: z = (h − mean) · encoder */
  readonly encoder: Float32Array;
  /** `[hidden, hidden]`, row-major: h ≈ mean + z · decoder */
  readonly decoder: Float32Array;
  /** `[hidden, hidden]`, row-major: z · predictor is what a token foretells of the z after it. */
  readonly predictor: Float32Array;
  /** `[hidden]`: (h − mean) · importance + offset, rounded, is the level of a token; each makes its step √½ as large. */
  readonly importance: Float32Array;
  readonly offset: number;
  /** `[codewords, hidden]`, row-major: z ≈ what the token before foretells + the token's codeword. */
  readonly codebook: Float32Array;
  readonly nearness: Nearness;
  readonly codewords: SymbolTable;
  readonly levels: SymbolTable;
  readonly spreads: SymbolTable;
  /** `[levels, hidden]`, row-major: which of the `values` a number of a token is written with, where the fineness is 0. */
  readonly classes: Uint16Array;
  readonly values: readonly ValueClass[];
}

/** A row is nearest to the codeword for which row · `directions` + `offsets` is largest. */
interface Nearness {
  /** `[hidden, codewords]`, row-major: weight² · codeword. */
  readonly directions: Float32Array;
  /** `[codewords]`: −|weight · codeword|² / 2. */
  readonly offsets: Float32Array;
}

/** A class of values −A, …, A. */
export interface ValueClass {
  readonly table: SymbolTable;
  /** `[A + 1]`: the bits of 0, ±1, …, ±A. */
  readonly bits: Float32Array;
  /** `[A + 1]`: where a magnitude begins; what is below counts as one less. */
  readonly begins: Float32Array;
}

const LARGEST_VALUE = 4095;
/** Half an octave apart, the one in the middle as the classes say. */
export const SPREADS = 9;
/** What a bit is worth in squared steps: a value is one nearer zero where that saves more than it errs. */
const SQUARES_A_BIT = 0.08;

/**
 * Reads a codec's file of little-endian 16-bit words (`PROTOCOL.md`, TF8).
 * @throws DimeeError `MODEL_FILE_DAMAGED` for bytes that do not fit the manifest's entry, or make no codec.
 */
export function parseStateCodec(bytes: Uint8Array, entry: CodecEntry, hidden: number): StateCodec {
  const { layer, file } = entry;
  const words = new Uint16Array(new Uint8Array(bytes).buffer, 0, Math.floor(bytes.byteLength / 2));
  let begin = 0;
  const take = (count: number) => words.subarray(begin, (begin += count));
  const takeReals = (count: number) => float32From16(take(count));
  const takeFrequencies = (count: number) => Array.from(take(count), (word) => word + 1);
  const mean = takeReals(hidden);
  const encoder = takeReals(hidden * hidden);
  const decoder = takeReals(hidden * hidden);
  const predictor = takeReals(hidden * hidden);
  const importance = takeReals(hidden);
  const offset = takeReals(1);
  const weights = takeReals(hidden);
  const codebook = takeReals(entry.codewords * hidden);
  const codewords = tableOf(takeFrequencies(entry.codewords));
  const levels = tableOf(takeFrequencies(entry.levels));
  const spreads = tableOf(takeFrequencies(SPREADS));
  const classes = take(entry.levels * hidden);
  const largest = take(entry.classes);
  const values = Array.from(largest, (value) => valueClass(takeFrequencies(value + 1)));
  if (bytes.byteLength !== 2 * begin) {
    throw damaged(file.path, `has ${bytes.byteLength} bytes where ${2 * begin} were expected`);
  }
  const reals = [mean, encoder, decoder, predictor, importance, offset, weights, codebook];
  if (!reals.every((numbers) => numbers.every(Number.isFinite))) {
    throw damaged(file.path, 'holds numbers that are not finite');
  }
  if (classes.some((index) => index >= entry.classes) || largest.some((value) => value > LARGEST_VALUE)) {
    throw damaged(file.path, 'holds classes that cannot be');
  }
  if (![codewords, levels, spreads, ...values.map(({ table }) => table)].every((table) => table.at(-1) === SLOTS)) {
    throw damaged(file.path, `holds frequencies that are not ${SLOTS} together`);
  }
  return {
    ...{ layer, hidden, fingerprint: parseInt(file.sha256.slice(0, 8), 16) },
    ...{ mean, encoder, decoder, predictor, importance, offset: at(offset, 0) },
    ...{ codebook, nearness: nearnessOf(codebook, weights), codewords, levels, spreads, classes, values },
  };
}

function nearnessOf(codebook: Float32Array, weights: Float32Array): Nearness {
  const hidden = weights.length;
  const codewords = codebook.length / hidden;
  const directions = new Float32Array(codebook.length);
  const offsets = new Float32Array(codewords);
  for (let codeword = 0; codeword < codewords; codeword++) {
    let square = 0;
    for (const [index, weight] of weights.entries()) {
      const number = codebook[codeword * hidden + index] ?? 0;
      directions[index * codewords + codeword] = weight ** 2 * number;
      square += (weight * number) ** 2;
    }
    offsets[codeword] = -square / 2;
  }
  return { directions, offsets };
}

/** @param frequencies Those of 0, 1, …, A, which −1, …, −A have too. */
function valueClass(frequencies: readonly number[]): ValueClass {
  const bits = Float32Array.from(frequencies, (frequency) => Math.log2(SLOTS / frequency));
  return {
    table: tableOf([...frequencies.toReversed(), ...frequencies.slice(1)]),
    bits,
    begins: bits.map((own, value) => value - 0.5 + (SQUARES_A_BIT / 2) * (own - (bits[value - 1] ?? 0))),
  };
}

function damaged(path: string, problem: string): DimeeError {
  return new DimeeError('MODEL_FILE_DAMAGED', `The model's file ${path} ${problem}. Fetch it again.`);
}
