import { Float16Array } from '@petamoriken/float16';
import { toLayer } from '../layers';
import type { CodecEntry, Manifest } from '../model/manifest';
import { SLOTS } from '../payload/rans';
import { parseStateCodec, type StateCodec } from '../payload/state-codec';
import { StateCodecs } from '../payload/state-codecs';

/** What the file of a codec holds: matrices row-major, and of each class the frequencies of 0, 1, …, A. */
export interface CodecNumbers {
  readonly mean: readonly number[];
  readonly encoder: readonly number[];
  readonly decoder: readonly number[];
  readonly predictor: readonly number[];
  readonly importance: readonly number[];
  readonly offset: number;
  readonly weights: readonly number[];
  readonly codebook: readonly number[];
  readonly codewords: readonly number[];
  readonly levels: readonly number[];
  readonly spreads: readonly number[];
  readonly classes: readonly number[];
  readonly values: readonly (readonly number[])[];
}

/** The bytes of that file. */
export function codecFile(numbers: CodecNumbers): Uint8Array<ArrayBuffer> {
  const { mean, encoder, decoder, predictor, importance, offset, weights, codebook } = numbers;
  const { codewords, levels, spreads, classes, values } = numbers;
  const matrices = [...encoder, ...decoder, ...predictor];
  const reals = new Float16Array([...mean, ...matrices, ...importance, offset, ...weights, ...codebook]);
  const lessOne = (frequency: number) => frequency - 1;
  const words = [
    ...new Uint16Array(reals.buffer),
    ...[...codewords, ...levels, ...spreads].map(lessOne),
    ...classes,
    ...values.map((frequencies) => frequencies.length - 1),
    ...values.flat().map(lessOne),
  ];
  return new Uint8Array(Uint16Array.from(words).buffer);
}

/** The codec of that file, after layer 4. */
export function codecOf(numbers: CodecNumbers): StateCodec {
  const bytes = codecFile(numbers);
  const file = { path: 'codecs/layer-04.bin', bytes: bytes.length, sha256: 'fedcba98'.padEnd(64, '0') };
  const { codewords, levels, values } = numbers;
  const sizes = { codewords: codewords.length, levels: levels.length, classes: values.length };
  const entry = { layer: toLayer(4), ...sizes, file };
  return parseStateCodec(bytes, entry, numbers.mean.length);
}

/** Of the nine spreads the middle one is all but certain. */
export const MIDDLE_SPREAD: readonly number[] = [1, 1, 1, 1, SLOTS - 8, 1, 1, 1, 1];

/** Whole numbers of slots that differ by one at most. */
export function evenFrequencies(symbols: number): number[] {
  return Array.from({ length: symbols }, (_, symbol) => Math.floor((SLOTS + symbol) / symbols));
}

/**
 * z is the first number and the sum of both; half of the first is foretold of the next. What is left is 0 in class 0, and
 * −1, 0 or 1, the ones in six bits, in class 1. The only codeword is zero.
 */
export const BY_HAND: CodecNumbers = {
  mean: [1, 0],
  encoder: [1, 1, 0, 1],
  decoder: [1, -1, 0, 1],
  predictor: [0.5, 0, 0, 0],
  importance: [1, 0],
  offset: 0.25,
  weights: [1, 1],
  codebook: [0, 0],
  codewords: [SLOTS],
  levels: [SLOTS / 2, SLOTS / 2],
  spreads: MIDDLE_SPREAD,
  classes: [0, 0, 1, 0],
  values: [[SLOTS], [SLOTS - 2048, 1024]],
};

/**
 * Frequencies of 0, 1, …, `largest`, rarer with the square of their size. A value of 16 takes about 10 bits, zero
 * less than one.
 */
export function fakeFrequencies(largest: number): number[] {
  const others = Array.from({ length: largest }, (_, index) => Math.ceil(SLOTS / 4 / (index + 2) ** 2));
  return [SLOTS - 2 * others.reduce((sum, frequency) => sum + frequency, 0), ...others];
}

/** Powers of two that float16 has, and that keep every number of `fakeState` within 255 of the finest steps. */
const SCALE = 2 ** -12;

/** The file of a codec that changes nothing but the scale: states of small numbers cross it without much loss. */
export function fakeCodecFile(
  { codewords, levels, classes }: Pick<CodecEntry, 'codewords' | 'levels' | 'classes'>,
  hidden: number,
): Uint8Array<ArrayBuffer> {
  const diagonal = (value: number) =>
    Array.from({ length: hidden * hidden }, (_, index) => (index % (hidden + 1) === 0 ? value : 0));
  return codecFile({
    mean: new Array<number>(hidden).fill(0),
    encoder: diagonal(SCALE),
    decoder: diagonal(1 / SCALE),
    predictor: diagonal(0.5),
    importance: new Array<number>(hidden).fill(1 / 16),
    offset: 0.5,
    weights: new Array<number>(hidden).fill(1),
    codebook: new Array<number>(codewords * hidden).fill(0),
    codewords: evenFrequencies(codewords),
    levels: evenFrequencies(levels),
    spreads: MIDDLE_SPREAD,
    classes: Array.from({ length: levels * hidden }, (_, index) => index % classes),
    values: Array.from({ length: classes }, (_, index) => fakeFrequencies(255 >> (classes - 1 - index))),
  });
}

/** The codecs that a fake manifest lists. None has been read yet. */
export function fakeCodecs(manifest: Manifest): StateCodecs {
  return new StateCodecs(manifest, ({ path }) => {
    const entry = manifest.codecs.find(({ file }) => file.path === path);
    if (!entry) return Promise.reject(new Error(`The fake model has no file ${path}.`));
    return Promise.resolve(fakeCodecFile(entry, manifest.hidden));
  });
}
