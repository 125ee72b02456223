import { DimeeError } from '../errors';
import {
  decodeHiddenState,
  encodeHiddenState,
  type HiddenState,
  PAYLOAD_DTYPES,
  payloadByteLength,
  type PayloadDtype,
} from '../model/hidden-state';
import type { LayerIndex } from '../layers';
import { LIMITS, PROTOCOL_VERSION } from './limits';

/** “DMEE”, the first four bytes of every tensor frame. */
const MAGIC = 0x45454d44;
/** Bytes of the header; a multiple of 8, so that the payload is aligned. */
export const HEADER_BYTES = 32;

/** A hidden state on its way to the tier that runs `startLayer`. */
export interface TensorFrame {
  readonly requestId: number;
  /** The layer to run next. */
  readonly startLayer: LayerIndex;
  readonly dtype: PayloadDtype;
  readonly state: HiddenState;
}

/** Bytes of the frame that carries a hidden state. */
export function frameByteLength(dtype: PayloadDtype, tokens: number, hidden: number): number {
  return HEADER_BYTES + payloadByteLength(dtype, tokens, hidden);
}

/** Header and payload as `PROTOCOL.md` (TF1 to TF6) lays them out. The result is a copy. */
export function encodeTensorFrame({ requestId, startLayer, dtype, state }: TensorFrame): Uint8Array<ArrayBuffer> {
  const payload = encodeHiddenState(state, dtype);
  const frame = new Uint8Array(HEADER_BYTES + payload.byteLength);
  const header = new DataView(frame.buffer);
  header.setUint32(0, MAGIC, true);
  header.setUint16(4, PROTOCOL_VERSION, true);
  header.setUint8(6, PAYLOAD_DTYPES.indexOf(dtype));
  header.setUint8(7, startLayer);
  header.setUint32(8, requestId, true);
  header.setUint32(12, 1, true);
  header.setUint32(16, state.tokens, true);
  header.setUint32(20, state.hidden, true);
  header.setUint32(24, payload.byteLength, true);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/**
 * Reads a tensor frame; the hidden state is a copy.
 * @throws DimeeError `BAD_FRAME` for bytes that are no frame of this version; `LIMIT_EXCEEDED` for a shape over the
 *   limits, before anything of its size is allocated.
 */
export function decodeTensorFrame(bytes: Uint8Array): TensorFrame {
  if (bytes.byteLength > LIMITS.maxMessageBytes) {
    throw new DimeeError(
      'LIMIT_EXCEEDED',
      `A tensor frame may have ${LIMITS.maxMessageBytes} bytes, not ${bytes.byteLength}.`,
    );
  }
  if (bytes.byteLength < HEADER_BYTES) throw bad(`is at least ${HEADER_BYTES} bytes, not ${bytes.byteLength}`);
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  if (header.getUint32(0, true) !== MAGIC) throw bad('begins with the letters DMEE');
  const version = header.getUint16(4, true);
  if (version !== PROTOCOL_VERSION) throw bad(`has version ${PROTOCOL_VERSION}, not ${version}`);
  const dtype = PAYLOAD_DTYPES[header.getUint8(6)];
  if (!dtype) throw bad(`has a dtype from 0 to ${PAYLOAD_DTYPES.length - 1}, not ${header.getUint8(6)}`);
  if (header.getUint32(28, true) !== 0) throw bad('has zero in its reserved bytes');
  const [startLayer, requestId] = [header.getUint8(7), header.getUint32(8, true)];
  within('layer', startLayer, LIMITS.maxLayers);
  within('batch', header.getUint32(12, true), LIMITS.maxBatch);
  const tokens = within('tokens', header.getUint32(16, true), LIMITS.maxTokens);
  const hidden = within('hidden size', header.getUint32(20, true), LIMITS.maxHidden);
  const payload = bytes.subarray(HEADER_BYTES);
  if (header.getUint32(24, true) !== payload.byteLength) {
    throw bad(`carries the ${header.getUint32(24, true)} payload bytes its header names, not ${payload.byteLength}`);
  }
  return { requestId, startLayer, dtype, state: decodeHiddenState(payload, dtype, tokens, hidden) };
}

function within(what: string, value: number, largest: number): number {
  if (value >= 1 && value <= largest) return value;
  throw new DimeeError('LIMIT_EXCEEDED', `The ${what} of a tensor frame must be 1 to ${largest}, not ${value}.`);
}

function bad(expectation: string): DimeeError {
  return new DimeeError('BAD_FRAME', `A tensor frame ${expectation}.`);
}
