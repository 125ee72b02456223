import type { TierName } from '../layers';
import { type Bottlenecks, NO_BOTTLENECKS } from '../model/bottlenecks';
import { decodeHiddenState, encodeHiddenState } from '../model/hidden-state';
import { frameByteLength } from '../protocol/tensor-frame';
import type { InferRequest, InferResult, SampleInput, Tier } from './tier';

export interface LoopbackOptions {
  readonly from: TierName;
  readonly to: TierName;
  /** The tier on the other side, in this process. */
  readonly tier: Tier;
  readonly now: () => number;
  /** For low-rank payloads; without any they cross as int8. */
  readonly bottlenecks?: Pick<Bottlenecks, 'dtypeAfter'>;
}

/**
 * The way to a tier in the same process. The hidden state is written and read as on the wire, so that an answer does not
 * depend on how many processes the tiers share; `bytesUp` is what the frame would have.
 */
export class LoopbackTier implements Tier {
  constructor(private readonly options: LoopbackOptions) {}

  async infer(request: InferRequest, signal: AbortSignal): Promise<InferResult> {
    const { from, to, tier, now, bottlenecks = NO_BOTTLENECKS } = this.options;
    const sentAt = now();
    const { input, bytes } = await acrossTheWire(request, bottlenecks);
    const result = await tier.infer({ ...request, input }, signal);
    const afterLayer = request.priorLogits.length;
    const crossing = { from, to, afterLayer, bytesUp: bytes, bytesDown: 0, roundTripMs: now() - sentAt };
    return { ...result, crossings: [crossing, ...result.crossings] };
  }
}

async function acrossTheWire(
  { input, payloadDtype, priorLogits }: InferRequest,
  bottlenecks: Pick<Bottlenecks, 'dtypeAfter'>,
): Promise<{ input: SampleInput; bytes: number }> {
  switch (input.kind) {
    case 'text':
      return { input, bytes: new TextEncoder().encode(input.texts.join('\t')).byteLength };
    case 'held':
      return { input, bytes: 0 };
    case 'hiddenState': {
      const { tokens, hidden } = input.state;
      const dtype = await bottlenecks.dtypeAfter(priorLogits.length, payloadDtype);
      const state = decodeHiddenState(encodeHiddenState(input.state, dtype), dtype, tokens, hidden);
      return { input: { kind: 'hiddenState', state }, bytes: frameByteLength(dtype, tokens, hidden) };
    }
  }
}
