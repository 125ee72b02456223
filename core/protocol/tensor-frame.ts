import { DimeeError } from '../errors';
import { layerBefore, type LayerIndex, toLayer } from '../layers';
import type { HiddenState } from '../hidden-state';
import { PLAIN_DTYPES } from '../payload/dtypes';
import { decodeHiddenState, encodeHiddenState, type ReadDtype, type WireDtype } from '../payload/payload';
import type { WrittenState } from '../payload/state-coder';
import type { StateCodec } from '../payload/state-codec';
import { NO_CODECS, type StateCodecs } from '../payload/state-codecs';
import { HEADER_BYTES, LIMITS, PROTOCOL_VERSION } from './limits';

/** “DMEE”, the first four bytes of every tensor frame. */
const MAGIC = 0x45454d44;
/** The dtype of every coded payload, after those of the plain ones. */
const CODED = PLAIN_DTYPES.length;

/** A hidden state on its way to the tier that runs `startLayer`, to be written or as it was read. */
export interface TensorFrame<Dtype extends ReadDtype = WireDtype> {
  readonly requestId: number;
  /** The layer to run next. */
  readonly startLayer: LayerIndex;
  readonly dtype: Dtype;
  readonly state: HiddenState;
}

/** The frame of a hidden state. The result is a copy. */
export function encodeTensorFrame({ state, dtype, ...frame }: TensorFrame): Uint8Array<ArrayBuffer> {
  const { tokens, hidden } = state;
  return frameOf({ ...frame, written: { payload: encodeHiddenState(state, dtype), dtype, tokens, hidden } });
}

/** Header and payload as `PROTOCOL.md` (TF1 to TF9) lays them out. The result is a copy. */
export function frameOf({ requestId, startLayer, written }: OpenedFrame): Uint8Array<ArrayBuffer> {
  const { payload, dtype, tokens, hidden } = written;
  const isPlain = typeof dtype === 'string';
  const frame = new Uint8Array(HEADER_BYTES + payload.byteLength);
  const header = new DataView(frame.buffer);
  header.setUint32(0, MAGIC, true);
  header.setUint16(4, PROTOCOL_VERSION, true);
  header.setUint8(6, isPlain ? PLAIN_DTYPES.indexOf(dtype) : CODED);
  header.setUint8(7, startLayer);
  header.setUint32(8, requestId, true);
  header.setUint32(12, 1, true);
  header.setUint32(16, tokens, true);
  header.setUint32(20, hidden, true);
  header.setUint32(24, payload.byteLength, true);
  header.setUint32(28, isPlain ? 0 : dtype.fingerprint);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/** A frame whose hidden state is as it is written. */
export interface OpenedFrame extends Pick<TensorFrame, 'requestId' | 'startLayer'> {
  /** The payload is a view of the frame's bytes. */
  readonly written: WrittenState;
}

/**
 * Reads a tensor frame; the hidden state is a copy.
 * @throws DimeeError as `openTensorFrame`, and `BAD_FRAME` for a payload that cannot be read.
 */
export function decodeTensorFrame(bytes: Uint8Array, codecs?: Pick<StateCodecs, 'get'>): TensorFrame<ReadDtype> {
  const { requestId, startLayer, written } = openTensorFrame(bytes, codecs);
  const { payload, dtype, tokens, hidden } = written;
  return { requestId, startLayer, dtype, state: decodeHiddenState(payload, dtype, tokens, hidden) };
}

/**
 * Reads the header of a tensor frame, which takes no time.
 * @throws DimeeError `BAD_FRAME` for bytes that are no frame of this version, or a coded payload whose codec is not
 *   among these; `LIMIT_EXCEEDED` for a shape over the limits.
 */
export function openTensorFrame(bytes: Uint8Array, codecs: Pick<StateCodecs, 'get'> = NO_CODECS): OpenedFrame {
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
  const dtypeNumber = header.getUint8(6);
  if (dtypeNumber > CODED) throw bad(`has a dtype from 0 to ${CODED}, not ${dtypeNumber}`);
  const requestId = header.getUint32(8, true);
  const startLayer = toLayer(within('layer', header.getUint8(7), LIMITS.maxLayers));
  within('batch', header.getUint32(12, true), LIMITS.maxBatch);
  const tokens = within('tokens', header.getUint32(16, true), LIMITS.maxTokens);
  const hidden = within('hidden size', header.getUint32(20, true), LIMITS.maxHidden);
  const payload = bytes.subarray(HEADER_BYTES);
  if (header.getUint32(24, true) !== payload.byteLength) {
    throw bad(`carries the ${header.getUint32(24, true)} payload bytes its header names, not ${payload.byteLength}`);
  }
  const fingerprint = header.getUint32(28);
  const plainDtype = PLAIN_DTYPES[dtypeNumber];
  if (plainDtype && fingerprint !== 0) throw bad('has zero in its last header bytes unless it is coded');
  const dtype = plainDtype ?? codecOf(layerBefore(startLayer), fingerprint, codecs);
  return { requestId, startLayer, written: { payload, dtype, tokens, hidden } };
}

/** @throws DimeeError `BAD_FRAME` where this side has no such codec, or another file of it (TF8). */
function codecOf(layer: LayerIndex, fingerprint: number, codecs: Pick<StateCodecs, 'get'>): StateCodec {
  const found = codecs.get(layer);
  if (found?.fingerprint === fingerprint) return found;
  const advice = `${found ? 'Reload the page, or choose' : 'Choose'} another payload, such as int8`;
  throw new DimeeError('BAD_FRAME', `${advice}: this tier has ${found ? 'another' : 'no'} codec after layer ${layer}.`);
}

function within(what: string, value: number, largest: number): number {
  if (value >= 1 && value <= largest) return value;
  throw new DimeeError('LIMIT_EXCEEDED', `The ${what} of a tensor frame must be 1 to ${largest}, not ${value}.`);
}

function bad(expectation: string): DimeeError {
  return new DimeeError('BAD_FRAME', `A tensor frame ${expectation}.`);
}
