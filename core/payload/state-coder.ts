import type { HiddenState } from '../hidden-state';
import type { Asker } from '../scheduling/asker';
import { decodeHiddenState, encodeHiddenState, type ReadDtype, type WireDtype } from './payload';

/** A hidden state as it was written. */
export interface WrittenState {
  readonly payload: Uint8Array;
  readonly dtype: ReadDtype;
  readonly tokens: number;
  readonly hidden: number;
}

/**
 * Writes and reads hidden states, in the caller's turn or at once: a coded one of 128 tokens takes 37 ms to read and 138 to
 * write, which is too long for a thread that others wait for. Throws or rejects as `encodeHiddenState` and
 * `decodeHiddenState` do.
 */
export interface StateCoder {
  read(written: WrittenState, asker: Asker): HiddenState | Promise<HiddenState>;
  write(state: HiddenState, dtype: WireDtype, asker: Asker): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;
}

/** On this thread, at once. */
export const CODES_AT_ONCE: StateCoder = {
  read: ({ payload, dtype, tokens, hidden }) => decodeHiddenState(payload, dtype, tokens, hidden),
  write: encodeHiddenState,
};
