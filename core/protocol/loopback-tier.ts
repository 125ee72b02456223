import { type TierName, toLayer } from '../layers';
import { decodeHiddenState, encodeHiddenState } from '../payload/payload';
import { NO_CODECS, type StateCodecs } from '../payload/state-codecs';
import { HEADER_BYTES } from './limits';
import { enteredAfter, type InferRequest, type InferResult, type SampleInput, type Tier } from '../ladder/tier';

export interface LoopbackOptions {
  readonly from: TierName;
  readonly to: TierName;
  /** The tier on the other side, in this process. */
  readonly tier: Tier;
  readonly now: () => number;
  /** For coded payloads; without any they cross as int8. */
  readonly codecs?: Pick<StateCodecs, 'dtypeAfter'>;
}

/**
 * The way to a tier in the same process. The hidden state is written and read as on the wire, so that an answer does not
 * depend on how many processes the tiers share; `bytesUp` is what the frame would have.
 */
export class LoopbackTier implements Tier {
  constructor(private readonly options: LoopbackOptions) {}

  async infer(request: InferRequest, signal: AbortSignal): Promise<InferResult> {
    const { from, to, tier, now, codecs = NO_CODECS } = this.options;
    const startedAt = now();
    const { input, bytes } = await acrossTheWire(request, codecs);
    const sentAt = now();
    const result = await tier.infer({ ...request, input }, signal);
    const afterLayer = enteredAfter(request);
    const times = { roundTripMs: now() - sentAt, encodeMs: sentAt - startedAt };
    const crossing = { from, to, afterLayer, bytesUp: bytes, bytesDown: 0, ...times };
    return { ...result, crossings: [crossing, ...result.crossings] };
  }
}

async function acrossTheWire(
  { input, payloadDtype, priorLogits }: InferRequest,
  codecs: Pick<StateCodecs, 'dtypeAfter'>,
): Promise<{ input: SampleInput; bytes: number }> {
  switch (input.kind) {
    case 'text':
      return { input, bytes: new TextEncoder().encode(input.texts.join('\t')).byteLength };
    case 'held':
      return { input, bytes: 0 };
    case 'hiddenState': {
      const { tokens, hidden } = input.state;
      const dtype = await codecs.dtypeAfter(toLayer(priorLogits.length), payloadDtype);
      const payload = encodeHiddenState(input.state, dtype);
      const state = decodeHiddenState(payload, dtype, tokens, hidden);
      return { input: { kind: 'hiddenState', state }, bytes: HEADER_BYTES + payload.byteLength };
    }
  }
}
