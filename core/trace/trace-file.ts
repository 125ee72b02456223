import * as v from 'valibot';
import { DimeeError } from '../errors';
import { float32From16 } from '../numbers/float16';

/** What every exit said of every row of a data set: enough to replay any policy, and no text. */
export interface Trace {
  readonly task: string;
  readonly split: string;
  readonly model: string;
  /** The model's hash (`Manifest.hash`), where whoever recorded the trace wrote it down. */
  readonly modelHash?: string | undefined;
  readonly rows: number;
  readonly layers: number;
  readonly classes: number;
  /** Whether people labelled the rows. Where not, `gold` holds what the last exit said, and right means agreeing with it. */
  readonly isLabelled: boolean;
  /** Raw logits, `[rows, layers, classes] float32`. */
  readonly logits: Float32Array;
  /** Gold labels, `[rows]`. */
  readonly gold: Uint8Array;
  /** Lengths in tokens, special ones included, `[rows]`. */
  readonly tokens: Uint16Array;
  /** Cosine of the mean-pooled hidden states before and after each layer, `[rows, layers] float32`. */
  readonly saturation?: Float32Array | undefined;
  /** Euclidean distances of the sample's embedding to the centroids easy, moderate and hard of DIMEE, `[rows, 3] float32`. */
  readonly poolDistances?: Float32Array | undefined;
  /** The same for the centroids found by training dynamics (DIMEC-DC). */
  readonly dynamicsDistances?: Float32Array | undefined;
  /** Of rows made of others: which row of the dev split each was made of, `[rows]`, from 0 on. */
  readonly devRows?: Uint32Array | undefined;
}

/** Columns that a file may do without, as it names them. */
export const OPTIONAL_COLUMNS = {
  saturation: 'saturation',
  poolDistances: 'pool_distances',
  dynamicsDistances: 'dynamics_distances',
  devRows: 'dev_rows',
} as const;

/** “DMTR”, the first four bytes. */
export const MAGIC = 0x52544d44;
export const VERSION = 1;
export const PREAMBLE_BYTES = 12;

const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000_000));
const headerSchema = v.object({
  task: v.string(),
  split: v.string(),
  model: v.string(),
  modelHash: v.optional(v.string()),
  rows: count,
  layers: count,
  classes: count,
  /** Most traces are labelled, and say nothing of it. */
  isLabelled: v.optional(v.boolean(), true),
  columns: v.array(
    v.object({
      name: v.string(),
      dtype: v.string(),
      shape: v.array(count),
      offset: v.pipe(v.number(), v.integer(), v.minValue(0)),
    }),
  ),
});

type Header = v.InferOutput<typeof headerSchema>;
type Column = Header['columns'][number];

/**
 * Reads a trace. Columns of other names are passed over.
 * @throws DimeeError `BAD_TRACE` for bytes that are no trace, or whose columns do not fit their file.
 */
export function decodeTrace(file: Uint8Array<ArrayBuffer>): Trace {
  const { header, payload } = parseHeader(file);
  const { task, split, model, modelHash, rows, layers, classes, isLabelled } = header;
  const bytesOf = (name: string, dtype: Column['dtype'], shape: readonly number[], width: number) =>
    columnBytes(header, payload, { name, dtype, shape }, width);
  const halfOf = (name: string, ...shape: number[]) =>
    float32From16(new Uint16Array(bytesOf(name, 'float16', shape, 2).buffer));
  const has = (name: string) => header.columns.some((column) => column.name === name);
  const { saturation, poolDistances, dynamicsDistances, devRows } = OPTIONAL_COLUMNS;
  return {
    ...{ task, split, model, rows, layers, classes, isLabelled },
    ...(modelHash !== undefined && { modelHash }),
    logits: halfOf('logits', rows, layers, classes),
    gold: bytesOf('gold', 'uint8', [rows], 1),
    tokens: new Uint16Array(bytesOf('tokens', 'uint16', [rows], 2).buffer),
    ...(has(saturation) && { saturation: halfOf(saturation, rows, layers) }),
    ...(has(poolDistances) && { poolDistances: halfOf(poolDistances, rows, 3) }),
    ...(has(dynamicsDistances) && { dynamicsDistances: halfOf(dynamicsDistances, rows, 3) }),
    ...(has(devRows) && { devRows: new Uint32Array(bytesOf(devRows, 'uint32', [rows], 4).buffer) }),
  };
}

function parseHeader(file: Uint8Array<ArrayBuffer>): { header: Header; payload: Uint8Array<ArrayBuffer> } {
  if (file.byteLength < PREAMBLE_BYTES) throw bad('is too short');
  const preamble = new DataView(file.buffer, file.byteOffset);
  if (preamble.getUint32(0, true) !== MAGIC) throw bad('does not begin with the letters DMTR');
  if (preamble.getUint32(4, true) !== VERSION) throw bad(`has version ${preamble.getUint32(4, true)}, not ${VERSION}`);
  const payloadStart = PREAMBLE_BYTES + preamble.getUint32(8, true);
  if (payloadStart > file.byteLength) throw bad('ends within its header');
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(file.subarray(PREAMBLE_BYTES, payloadStart)));
  } catch (cause) {
    throw bad('has a header that is not JSON', cause);
  }
  const parsed = v.safeParse(headerSchema, json);
  if (!parsed.success) throw bad(`has a header that is not valid: ${parsed.issues[0].message}`);
  return { header: parsed.output, payload: file.subarray(payloadStart) };
}

/** A copy of one column's bytes, so that views on it are aligned. */
function columnBytes(
  header: Header,
  payload: Uint8Array<ArrayBuffer>,
  expected: Pick<Column, 'name' | 'dtype'> & { readonly shape: readonly number[] },
  width: number,
): Uint8Array<ArrayBuffer> {
  const { name, dtype, shape } = expected;
  const column = header.columns.find((candidate) => candidate.name === name);
  if (column?.dtype !== dtype || column.shape.join() !== shape.join()) {
    throw bad(`has no column “${name}” of ${dtype} [${shape.join(', ')}]`);
  }
  const byteLength = shape.reduce((product, length) => product * length, width);
  if (column.offset + byteLength > payload.byteLength) throw bad(`ends within its column “${name}”`);
  // Not `slice`, which shares its memory where the file is a Node Buffer.
  return new Uint8Array(payload.subarray(column.offset, column.offset + byteLength));
}

function bad(problem: string, cause?: unknown): DimeeError {
  return new DimeeError('BAD_TRACE', `This file is not a trace that can be read: it ${problem}.`, { cause });
}
