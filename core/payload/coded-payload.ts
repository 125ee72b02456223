import { DimeeError } from '../errors';
import type { HiddenState } from '../hidden-state';
import { RansReader, RansWriter, SLOTS, type SymbolTable } from './rans';
import { addProduct } from '../numbers/row-product';
import { SPREADS, type StateCodec, type ValueClass } from './state-codec';

// Loops over all numbers read `?? 0` and not `at`, for the time it takes (`at.ts`).

/** A codec to write with. */
export interface BudgetedCodec extends StateCodec {
  /** At most, for a hidden state as a whole. */
  readonly bytesPerToken: number;
}

const FINENESSES = 256;
/** From one class to the next: a quarter of an octave. */
const CLASS_FINENESS = 4;
/** From one spread to the next: half an octave. */
const SPREAD_CLASSES = 2;
/** Where spreads are chosen, and the bytes that one more of fineness usually takes, a number. */
const USUAL_FINENESS = 48;
const FINENESS_BYTES = 1 / 128;

/**
 * Writes a state in at most `tokens · bytesPerToken` bytes, as finely as they and the last class allow; in more only where
 * the coarsest steps take more.
 * @throws DimeeError `BAD_FRAME` for a state of another hidden size, or numbers too large for the transform.
 */
export function encodeCoded(state: HiddenState, codec: BudgetedCodec): Uint8Array<ArrayBuffer> {
  checkSize(state.hidden, codec);
  const transformed = transform(state, codec);
  const budget = state.tokens * codec.bytesPerToken;
  // The size is as good as monotone in the fineness: `fits` does (or is 0), `over` does not.
  const finerBy = (bytes: number) => Math.round(bytes / FINENESS_BYTES / transformed.numbers.length);
  let [fits, over, guess] = [0, FINENESSES, USUAL_FINENESS + finerBy(budget - transformed.usualBits / 8)];
  let found: Uint8Array<ArrayBuffer> | undefined;
  while (over - fits > 1) {
    const fineness = Math.max(fits + 1, Math.min(over - 1, guess));
    const { payload, isCut } = payloadAt(fineness, transformed, codec);
    const leftOver = budget - payload.byteLength;
    if (leftOver >= 0 && !isCut) [fits, found] = [fineness, payload];
    else over = fineness;
    guess = isCut ? (fits + over) >> 1 : fineness + finerBy(leftOver);
  }
  return found ?? payloadAt(0, transformed, codec).payload;
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
  readonly codewords: Uint16Array;
  /** `[tokens]` */
  readonly levels: Uint8Array;
  /** `[tokens]` */
  readonly spreads: Uint8Array;
  /** z, `[tokens, hidden]` */
  readonly numbers: Float32Array;
  /** About what they take at the usual fineness. */
  readonly usualBits: number;
}

function transform({ data, tokens, hidden }: HiddenState, codec: StateCodec): Transformed {
  const { mean, encoder, predictor, importance, offset, codebook } = codec;
  const codewords = new Uint16Array(tokens);
  const levels = new Uint8Array(tokens);
  const spreads = new Uint8Array(tokens);
  const numbers = new Float32Array(tokens * hidden);
  const left = new Float32Array(hidden);
  let usualBits = 0;
  for (let token = 0; token < tokens; token++) {
    const row = data.slice(token * hidden, (token + 1) * hidden);
    let level = offset;
    for (let index = 0; index < hidden; index++) {
      const centred = (row[index] ?? 0) - (mean[index] ?? 0);
      level += centred * (importance[index] ?? 0);
      row[index] = centred;
    }
    level = Math.max(0, Math.min(codec.levels.length - 2, Math.round(level)));
    const z = numbers.subarray(token * hidden, (token + 1) * hidden);
    addProduct(row, encoder, z);
    for (const number of z) {
      if (!Number.isFinite(number)) {
        throw new DimeeError('BAD_FRAME', 'The hidden state holds numbers too large to be coded.');
      }
    }
    left.fill(0);
    if (token > 0) addProduct(numbers.subarray((token - 1) * hidden, token * hidden), predictor, left);
    left.forEach((foretold, index) => (left[index] = (z[index] ?? 0) - foretold));
    const codeword = nearestTo(left, codec);
    left.forEach((number, index) => (left[index] = number - (codebook[codeword * hidden + index] ?? 0)));
    codewords[token] = codeword;
    levels[token] = level;
    const { spread, bits } = spreadOf(left, level, codec);
    spreads[token] = spread;
    usualBits += bits;
  }
  return { codewords, levels, spreads, numbers, usualBits };
}

function nearestTo(row: Float32Array, { nearness: { directions, offsets } }: StateCodec): number {
  const scores = offsets.slice();
  addProduct(row, directions, scores);
  let nearest = 0;
  for (let codeword = 1; codeword < scores.length; codeword++) {
    if ((scores[codeword] ?? 0) > (scores[nearest] ?? 0)) nearest = codeword;
  }
  return nearest;
}

/** What is foretold of a z: by its codeword and, unless the token is the first, by the z before it as it is read. */
function foretell(codeword: number, before: Float32Array | undefined, codec: StateCodec): Float32Array {
  const { hidden, codebook, predictor } = codec;
  const foretold = codebook.slice(codeword * hidden, (codeword + 1) * hidden);
  if (before) addProduct(before, predictor, foretold);
  return foretold;
}

/** The spread in which what is left of a token takes the fewest bits, at the usual fineness. */
function spreadOf(left: Float32Array, level: number, codec: StateCodec): { spread: number; bits: number } {
  const scale = scaleOf(level, USUAL_FINENESS);
  let best = { spread: 0, bits: Infinity };
  for (let spread = 0; spread < SPREADS; spread++) {
    let bits = Math.log2(SLOTS / ((codec.spreads[spread + 1] ?? 0) - (codec.spreads[spread] ?? 0)));
    for (let index = 0; index < left.length; index++) {
      const values = valuesFor(codec, level, spread, index, USUAL_FINENESS);
      bits += values.bits[magnitudeOf(Math.abs(left[index] ?? 0) * scale, values)] ?? 0;
    }
    if (bits < best.bits) best = { spread, bits };
  }
  return best;
}

interface Payload {
  readonly payload: Uint8Array<ArrayBuffer>;
  /** A number of the last class was larger than any of its values. */
  readonly isCut: boolean;
}

function payloadAt(fineness: number, transformed: Transformed, codec: StateCodec): Payload {
  const { codewords, levels, spreads, numbers } = transformed;
  const { hidden } = codec;
  const last = codec.values.at(-1);
  const symbols: number[] = [];
  const tables: SymbolTable[] = [];
  let written: Float32Array | undefined;
  let isCut = false;
  for (const [token, level] of levels.entries()) {
    const spread = spreads[token] ?? 0;
    const scale = scaleOf(level, fineness);
    const codeword = codewords[token] ?? 0;
    symbols.push(codeword, level, spread);
    tables.push(codec.codewords, codec.levels, codec.spreads);
    const foretold = foretell(codeword, written, codec);
    for (let index = 0; index < hidden; index++) {
      const values = valuesFor(codec, level, spread, index, fineness);
      const x = ((numbers[token * hidden + index] ?? 0) - (foretold[index] ?? 0)) * scale;
      const size = magnitudeOf(Math.abs(x), values);
      const value = x < 0 ? -size : size;
      isCut ||= values === last && Math.abs(x) >= largestOf(values) + 0.5;
      symbols.push(largestOf(values) + value);
      tables.push(values.table);
      foretold[index] = (foretold[index] ?? 0) + value / scale;
    }
    written = foretold;
  }
  const writer = new RansWriter(symbols.length);
  for (let at = symbols.length - 1; at >= 0; at--) writer.write(symbols[at] ?? 0, tables[at] ?? codec.levels);
  const stream = writer.end();
  const payload = new Uint8Array(1 + stream.length);
  payload[0] = fineness;
  payload.set(stream, 1);
  return { payload, isCut };
}

/** z, `[tokens, hidden]`. @throws DimeeError `BAD_FRAME` for bytes that `payloadAt` does not write. */
function readTransformed(payload: Uint8Array, codec: StateCodec, tokens: number): Float32Array {
  const { hidden } = codec;
  const reader = new RansReader(payload.subarray(1));
  const fineness = payload[0] ?? 0;
  const numbers = new Float32Array(tokens * hidden);
  let before: Float32Array | undefined;
  for (let token = 0; token < tokens; token++) {
    const codeword = reader.read(codec.codewords);
    const level = reader.read(codec.levels);
    const spread = reader.read(codec.spreads);
    const scale = scaleOf(level, fineness);
    const row = numbers.subarray(token * hidden, (token + 1) * hidden);
    row.set(foretell(codeword, before, codec));
    for (let index = 0; index < hidden; index++) {
      const values = valuesFor(codec, level, spread, index, fineness);
      row[index] = (row[index] ?? 0) + (reader.read(values.table) - largestOf(values)) / scale;
    }
    before = row;
  }
  reader.end();
  return numbers;
}

/** How many steps are in 1. */
function scaleOf(level: number, fineness: number): number {
  return 2 ** (level / 2 + fineness / 16);
}

/** The class of a number: a quarter of an octave finer or wider, a class further, as far as there are any. */
function valuesFor(
  { hidden, classes, values }: StateCodec,
  level: number,
  spread: number,
  index: number,
  fineness: number,
): ValueClass {
  const finer = (fineness / CLASS_FINENESS + 0.5) | 0;
  const wider = SPREAD_CLASSES * (spread - (SPREADS >> 1));
  const place = (classes[level * hidden + index] ?? 0) + finer + wider;
  const found = values[Math.max(0, Math.min(place, values.length - 1))];
  if (found) return found;
  throw new RangeError('A codec has at least one class.');
}

function magnitudeOf(steps: number, values: ValueClass): number {
  const nearest = Math.min(Math.floor(steps + 0.5), largestOf(values));
  return nearest > 0 && steps < (values.begins[nearest] ?? 0) ? nearest - 1 : nearest;
}

function largestOf({ bits }: ValueClass): number {
  return bits.length - 1;
}

function checkSize(hidden: number, codec: StateCodec): void {
  if (hidden === codec.hidden) return;
  const expected = `after layer ${codec.layer} carries ${codec.hidden} numbers a token`;
  throw new DimeeError('BAD_FRAME', `A coded payload ${expected}, not ${hidden}.`);
}
