import { Float16Array } from '@petamoriken/float16';
import { at } from '../numbers/at';
import { MAGIC, OPTIONAL_COLUMNS, PREAMBLE_BYTES, type Trace, VERSION } from './trace-file';

/** Fills the header up to the payload; JSON passes over it. */
const SPACE = 0x20;

/**
 * Writes a trace: magic, version, header length, a JSON header that lists the columns, then each column at a multiple of
 * eight bytes. All but whole numbers is kept as float16.
 */
export function encodeTrace(trace: Trace): Uint8Array<ArrayBuffer> {
  const { task, split, model, modelHash, rows, layers, classes, isLabelled } = trace;
  const half = (values: Float32Array, ...shape: number[]) => ({
    dtype: 'float16',
    shape,
    array: new Float16Array(values),
  });
  const { saturation, poolDistances, dynamicsDistances, devRows } = trace;
  const data = {
    logits: half(trace.logits, rows, layers, classes),
    gold: { dtype: 'uint8', shape: [rows], array: trace.gold },
    tokens: { dtype: 'uint16', shape: [rows], array: trace.tokens },
    ...(saturation && { [OPTIONAL_COLUMNS.saturation]: half(saturation, rows, layers) }),
    ...(poolDistances && { [OPTIONAL_COLUMNS.poolDistances]: half(poolDistances, rows, 3) }),
    ...(dynamicsDistances && { [OPTIONAL_COLUMNS.dynamicsDistances]: half(dynamicsDistances, rows, 3) }),
    ...(devRows && { [OPTIONAL_COLUMNS.devRows]: { dtype: 'uint32', shape: [rows], array: devRows } }),
  };
  let offset = 0;
  const columns = Object.entries(data).map(([name, { dtype, shape, array }]) => {
    const column = { name, dtype, shape, offset };
    offset = aligned(offset + array.byteLength);
    return column;
  });
  const said = { modelHash, ...(!isLabelled && { isLabelled }) };
  const json = JSON.stringify({ task, split, model, rows, layers, classes, ...said, columns });
  const headerBytes = new TextEncoder().encode(json);
  const payloadStart = aligned(PREAMBLE_BYTES + headerBytes.byteLength);
  const file = new Uint8Array(payloadStart + offset).fill(SPACE, 0, payloadStart);
  const preamble = new DataView(file.buffer);
  preamble.setUint32(0, MAGIC, true);
  preamble.setUint32(4, VERSION, true);
  preamble.setUint32(8, payloadStart - PREAMBLE_BYTES, true);
  file.set(headerBytes, PREAMBLE_BYTES);
  Object.values(data).forEach(({ array }, index) => {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    file.set(bytes, payloadStart + at(columns, index).offset);
  });
  return file;
}

function aligned(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}
