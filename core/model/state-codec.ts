import { DimeeError } from '../errors';
import type { LayerIndex } from '../layers';
import { float32From16 } from './float16';
import type { HiddenState } from './hidden-state';
import type { CodecEntry } from './manifest';
import { RansReader, RansWriter, SLOTS, type SymbolTable, tableOf } from './rans';
import { addProduct } from './row-product';

/**
 * How hidden states after one layer are written in few bytes: a transform, a step for each token, and an entropy coder
 * (`PROTOCOL.md`, TF8).
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
  /** `[hidden]`: (h − mean) · importance + offset, rounded, is the level of a token; each makes its step √½ as large. */
  readonly importance: Float32Array;
  readonly offset: number;
  readonly levels: SymbolTable;
  /** `[levels, hidden]`, row-major: which of the `values` a number of a token is written with, where the fineness is 0. */
  readonly classes: Uint16Array;
  /** Of each class a table of the values −A, …, A. */
  readonly values: readonly SymbolTable[];
}

/** A codec to write with. */
export interface BudgetedCodec extends StateCodec {
  /** At most, for a hidden state as a whole. */
  readonly bytesPerToken: number;
}

const FINENESSES = 256;
/** From one class to the next: a quarter of an octave. */
const CLASS_FINENESS = 4;
const LARGEST_VALUE = 4095;
/** Below ½, so that more values are 0: those are cheapest to write. */
const ROUNDING = 0.42;

/**
 * Reads a codec's file of little-endian 16-bit words (`PROTOCOL.md`, TF8).
 * @throws DimeeError `MODEL_FILE_DAMAGED` for bytes that do not fit the manifest's entry, or make no codec.
 */
export function parseStateCodec(bytes: Uint8Array, entry: CodecEntry, hidden: number): StateCodec {
  const { layer, file } = entry;
  const words = new Uint16Array(new Uint8Array(bytes).buffer, 0, Math.floor(bytes.byteLength / 2));
  let at = 0;
  const take = (count: number) => words.subarray(at, (at += count));
  const takeReals = (count: number) => float32From16(take(count));
  const takeFrequencies = (count: number) => Array.from(take(count), (word) => word + 1);
  const mean = takeReals(hidden);
  const encoder = takeReals(hidden * hidden);
  const decoder = takeReals(hidden * hidden);
  const importance = takeReals(hidden);
  const offset = takeReals(1);
  const levels = tableOf(takeFrequencies(entry.levels));
  const classes = take(entry.levels * hidden);
  const largest = take(entry.classes);
  const values = Array.from(largest, (value) => valueTable(takeFrequencies(value + 1)));
  if (bytes.byteLength !== 2 * at) {
    throw damaged(file.path, `has ${bytes.byteLength} bytes where ${2 * at} were expected`);
  }
  if (![mean, encoder, decoder, importance, offset].every((reals) => reals.every(Number.isFinite))) {
    throw damaged(file.path, 'holds numbers that are not finite');
  }
  if (classes.some((index) => index >= entry.classes) || largest.some((value) => value > LARGEST_VALUE)) {
    throw damaged(file.path, 'holds classes that cannot be');
  }
  if (![levels, ...values].every((table) => table.at(-1) === SLOTS)) {
    throw damaged(file.path, `holds frequencies that are not ${SLOTS} together`);
  }
  return {
    ...{ layer, hidden, fingerprint: parseInt(file.sha256.slice(0, 8), 16) },
    ...{ mean, encoder, decoder, importance, offset: offset[0] ?? 0, levels, classes, values },
  };
}

/**
 * Writes a state in at most `tokens · bytesPerToken` bytes, as finely as they and the last class allow; in more only where
 * the coarsest steps take more.
 * @throws DimeeError `BAD_FRAME` for a state of another hidden size, or numbers too large for the transform.
 */
export function encodeCoded(state: HiddenState, codec: BudgetedCodec): Uint8Array<ArrayBuffer> {
  checkSize(state.hidden, codec);
  const transformed = transform(state, codec);
  let payload = payloadAt(0, transformed, codec);
  // The size is as good as monotone in the fineness: `fits` does (or is 0), `over` does not.
  let [fits, over] = [0, finenessThatCuts(transformed, codec)];
  while (over - fits > 1) {
    const fineness = (fits + over) >> 1;
    const finer = payloadAt(fineness, transformed, codec);
    if (finer.byteLength <= state.tokens * codec.bytesPerToken) [fits, payload] = [fineness, finer];
    else over = fineness;
  }
  return payload;
}

/**
 * The numbers `[tokens, hidden]` of what `encodeCoded` wrote: mean + z · decoder.
 * @throws DimeeError `BAD_FRAME` for another hidden size, or bytes that it does not write.
 */
export function decodeCoded(payload: Uint8Array, codec: StateCodec, tokens: number, hidden: number): Float32Array {
  checkSize(hidden, codec);
  const data = readTransformed(payload, codec, tokens);
  for (let token = 0; token < tokens; token++) {
    const row = data.subarray(token * hidden, (token + 1) * hidden);
    const numbers = row.slice();
    row.set(codec.mean);
    addProduct(numbers, codec.decoder, row);
  }
  return data;
}

interface Transformed {
  /** `[tokens]` */
  readonly levels: Uint8Array;
  /** z, `[tokens, hidden]` */
  readonly numbers: Float32Array;
}

function transform({ data, tokens, hidden }: HiddenState, codec: StateCodec): Transformed {
  const { mean, encoder, importance, offset } = codec;
  const levels = new Uint8Array(tokens);
  const numbers = new Float32Array(tokens * hidden);
  for (let token = 0; token < tokens; token++) {
    const row = data.slice(token * hidden, (token + 1) * hidden);
    let level = offset;
    for (let index = 0; index < hidden; index++) {
      const centred = (row[index] ?? 0) - (mean[index] ?? 0);
      level += centred * (importance[index] ?? 0);
      row[index] = centred;
    }
    levels[token] = Math.max(0, Math.min(codec.levels.length - 2, Math.round(level)));
    addProduct(row, encoder, numbers.subarray(token * hidden, (token + 1) * hidden));
  }
  for (const z of numbers) {
    if (!Number.isFinite(z)) throw new DimeeError('BAD_FRAME', 'The hidden state holds numbers too large to be coded.');
  }
  return { levels, numbers };
}

/** The least fineness at which a number of the last class is larger than any of its values, or one that no payload has. */
function finenessThatCuts({ levels, numbers }: Transformed, { hidden, classes, values }: StateCodec): number {
  const last = values.length - 1;
  const tooLarge = largestOf(values[last] ?? new Uint32Array(2)) + 1 - ROUNDING;
  let least = FINENESSES;
  numbers.forEach((z, index) => {
    const level = levels[Math.floor(index / hidden)] ?? 0;
    const inLast = CLASS_FINENESS * (last - (classes[level * hidden + (index % hidden)] ?? 0) - 0.5);
    const isCut = 16 * (Math.log2(tooLarge / Math.abs(z)) - level / 2);
    least = Math.min(least, Math.ceil(Math.max(inLast, isCut, 0)));
  });
  return least;
}

function payloadAt(fineness: number, { levels, numbers }: Transformed, codec: StateCodec): Uint8Array<ArrayBuffer> {
  const { hidden } = codec;
  const writer = new RansWriter(levels.length * (1 + hidden));
  for (let token = levels.length - 1; token >= 0; token--) {
    const level = levels[token] ?? 0;
    const scale = 2 ** (level / 2 + fineness / 16);
    for (let index = hidden - 1; index >= 0; index--) {
      const table = tableFor(codec, level, index, fineness);
      const largest = largestOf(table);
      const x = (numbers[token * hidden + index] ?? 0) * scale;
      const size = Math.min(largest, Math.floor(Math.abs(x) + ROUNDING));
      writer.write(largest + (x < 0 ? -size : size), table);
    }
    writer.write(level, codec.levels);
  }
  const stream = writer.end();
  const payload = new Uint8Array(1 + stream.length);
  payload[0] = fineness;
  payload.set(stream, 1);
  return payload;
}

/** z, `[tokens, hidden]`. @throws DimeeError `BAD_FRAME` for bytes that `payloadAt` does not write. */
function readTransformed(payload: Uint8Array, codec: StateCodec, tokens: number): Float32Array {
  const { hidden } = codec;
  const reader = new RansReader(payload.subarray(1));
  const fineness = payload[0] ?? 0;
  const numbers = new Float32Array(tokens * hidden);
  for (let token = 0; token < tokens; token++) {
    const level = reader.read(codec.levels);
    const step = 2 ** (-level / 2 - fineness / 16);
    for (let index = 0; index < hidden; index++) {
      const table = tableFor(codec, level, index, fineness);
      numbers[token * hidden + index] = (reader.read(table) - largestOf(table)) * step;
    }
  }
  reader.end();
  return numbers;
}

/** The table of a number: a quarter of an octave finer, a class further, as far as there are any. */
function tableFor(
  { hidden, classes, values }: StateCodec,
  level: number,
  index: number,
  fineness: number,
): SymbolTable {
  const finer = (fineness / CLASS_FINENESS + 0.5) | 0;
  const table = values[Math.min((classes[level * hidden + index] ?? 0) + finer, values.length - 1)];
  if (table) return table;
  throw new RangeError('A codec has at least one class.');
}

/** A of a table of −A, …, A. */
function largestOf(table: SymbolTable): number {
  return table.length / 2 - 1;
}

/** @param frequencies Those of 0, 1, …, A, which −1, …, −A have too. */
function valueTable(frequencies: readonly number[]): SymbolTable {
  return tableOf([...frequencies.toReversed(), ...frequencies.slice(1)]);
}

function checkSize(hidden: number, codec: StateCodec): void {
  if (hidden === codec.hidden) return;
  const expected = `after layer ${codec.layer} carries ${codec.hidden} numbers a token`;
  throw new DimeeError('BAD_FRAME', `A coded payload ${expected}, not ${hidden}.`);
}

function damaged(path: string, problem: string): DimeeError {
  return new DimeeError('MODEL_FILE_DAMAGED', `The model's file ${path} ${problem}. Fetch it again.`);
}
