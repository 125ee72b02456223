import type { TensorHead } from './messages';

/** The types of the protocol that cross here, with the bytes of a number. */
const BYTES = { FP16: 2, FP32: 4, INT64: 8 } as const;
export type Datatype = keyof typeof BYTES;

/** A tensor with its data: row-major, little-endian, without padding. */
export interface Tensor extends TensorHead {
  readonly datatype: Datatype;
  readonly contents: Uint8Array;
}

export function int64Tensor(name: string, shape: readonly number[], values: Int32Array): Tensor {
  return { name, datatype: 'INT64', shape, contents: bytesOf(BigInt64Array.from(values, BigInt)) };
}

export function float32Tensor(name: string, shape: readonly number[], values: ArrayLike<number>): Tensor {
  return { name, datatype: 'FP32', shape, contents: bytesOf(Float32Array.from(values)) };
}

/** Numbers of FP32 contents. @returns a copy, since contents need not be aligned. */
export function float32sOf(contents: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(contents).buffer);
}

export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Heads and raw contents, each in the same order, as messages hold them. */
export function apart(tensors: readonly Tensor[]): {
  readonly heads: readonly TensorHead[];
  readonly contents: readonly Uint8Array[];
} {
  const heads = tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape }));
  return { heads, contents: tensors.map(({ contents }) => contents) };
}

/** How a tensor was to be; a dimension may be a range. */
export interface Expectation {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly (number | readonly [least: number, most: number])[];
}

/**
 * The tensor of that name, as it was to be.
 * @throws what `refuse` makes of a sentence that says what was expected and what came.
 */
export function tensorIn(
  heads: readonly TensorHead[],
  contents: readonly Uint8Array[],
  expected: Expectation,
  refuse: (problem: string) => Error,
): Tensor {
  const { name, datatype } = expected;
  const wanted = `“${name}” must be ${datatype} [${expected.shape.map(dimension).join(', ')}]`;
  const index = heads.findIndex((head) => head.name === name);
  const [head, bytes] = [heads[index], contents[index]];
  if (!head) throw refuse(`${wanted}, and is missing.`);
  if (!bytes) throw refuse(`${wanted} in the raw contents, which have ${contents.length} entries.`);
  if (head.datatype !== datatype || !fits(head.shape, expected.shape)) {
    throw refuse(`${wanted}, not ${head.datatype} [${head.shape.join(', ')}].`);
  }
  const length = head.shape.reduce((product, size) => product * size, BYTES[datatype]);
  if (bytes.byteLength !== length) throw refuse(`${wanted} in ${length} bytes, not ${bytes.byteLength}.`);
  return { name, datatype, shape: head.shape, contents: bytes };
}

function fits(shape: readonly number[], expected: Expectation['shape']): boolean {
  return (
    shape.length === expected.length &&
    expected.every((size, index) => {
      const [least, most] = typeof size === 'number' ? [size, size] : size;
      const given = shape[index] ?? Number.NaN;
      return given >= least && given <= most;
    })
  );
}

function dimension(size: Expectation['shape'][number]): string {
  return typeof size === 'number' ? `${size}` : `${size[0]} to ${size[1]}`;
}
