import type { TierName } from '../layers';
import { CODES_AT_ONCE, type StateCoder } from '../payload/state-coder';
import { NO_CODECS, type StateCodecs } from '../payload/state-codecs';
import { HEADER_BYTES } from './limits';
import {
  askerOf,
  enteredAfter,
  type InferRequest,
  type InferResult,
  type SampleInput,
  type Tier,
} from '../ladder/tier';

export interface LoopbackOptions {
  readonly from: TierName;
  readonly to: TierName;
  /** The tier on the other side, in this process. */
  readonly tier: Tier;
  readonly now: () => number;
  /** For coded payloads; without any they cross as int8. */
  readonly codecs?: Pick<StateCodecs, 'dtypeAfter'>;
  /** Writes and reads hidden states; by default at once. */
  readonly coder?: StateCoder;
}

/**
 * The way to a tier in the same process. The hidden state is written and read as on the wire, so that an answer does not
 * depend on how many processes the tiers share; `bytesUp` is what the frame would have.
 */
export class LoopbackTier implements Tier {
  constructor(private readonly options: LoopbackOptions) {}

  async infer(request: InferRequest, signal: AbortSignal): Promise<InferResult> {
    const { from, to, tier, now } = this.options;
    const startedAt = now();
    const { input, bytes } = await this.#acrossTheWire(request, signal);
    const sentAt = now();
    const result = await tier.infer({ ...request, input }, signal);
    const afterLayer = enteredAfter(request);
    const times = { roundTripMs: now() - sentAt, encodeMs: sentAt - startedAt };
    const crossing = { from, to, afterLayer, bytesUp: bytes, bytesDown: 0, ...times };
    return { ...result, crossings: [crossing, ...result.crossings] };
  }

  async #acrossTheWire(request: InferRequest, signal: AbortSignal): Promise<{ input: SampleInput; bytes: number }> {
    const { codecs = NO_CODECS, coder = CODES_AT_ONCE, now } = this.options;
    const { input, payloadDtype } = request;
    switch (input.kind) {
      case 'text':
        return { input, bytes: new TextEncoder().encode(input.texts.join('\t')).byteLength };
      case 'held':
        return { input, bytes: 0 };
      case 'hiddenState': {
        const { tokens, hidden } = input.state;
        const asker = askerOf(request, signal, now());
        const dtype = await codecs.dtypeAfter(enteredAfter(request), payloadDtype);
        const payload = await coder.write(input.state, dtype, asker);
        const state = await coder.read({ payload, dtype, tokens, hidden }, asker);
        return { input: { kind: 'hiddenState', state }, bytes: HEADER_BYTES + payload.byteLength };
      }
    }
  }
}
