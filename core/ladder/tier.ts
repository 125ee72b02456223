import type { PolicyChoice } from '../policies';
import type { PoolDistances } from '../policies/pool-distances';
import { type LayerIndex, type Plan, type TierName, toLayer } from '../layers';
import type { HiddenState } from '../hidden-state';
import type { PayloadDtype } from '../payload/dtypes';
import type { Texts } from '../model/tokens';
import type { Asker } from '../scheduling/asker';

/** What a sample is when it enters a tier. */
export type SampleInput =
  /** Whole, before any layer. */
  | { readonly kind: 'text'; readonly texts: Texts }
  /** As the output of the layers run so far. */
  | { readonly kind: 'hiddenState'; readonly state: HiddenState }
  /** Not at all: a tier further on still holds its hidden state from an earlier climb. */
  | { readonly kind: 'held' };

/** Where a sample came into this process, and who hears what becomes of it here. Nothing of it crosses to another. */
export interface Origin {
  /** Who sent it, by identity. */
  readonly client: object;
  /** Hears the milliseconds of computing spent on it. */
  readonly onComputed?: (ms: number) => void;
  /** It goes on to a tier elsewhere, and needs no more computing here. */
  readonly onHandedOn?: () => void;
}

/** One sample on its way up. It enters at layer `priorLogits.length + 1`. */
export interface InferRequest {
  /** Names the sample to every tier that keeps its hidden state. Unique and not guessable. */
  readonly sampleKey: string;
  readonly task: string;
  readonly policy: PolicyChoice;
  readonly plan: Plan;
  /** The task's raw logits at every layer run so far, for policies that look back. */
  readonly priorLogits: readonly (readonly number[])[];
  /** A number of the sample's own, for policies that draw lots (`seedOfTexts`). */
  readonly rowSeed?: number | undefined;
  readonly input: SampleInput;
  /** For a device that cannot run layers: the tier that it asks runs the mobile tier's, too. */
  readonly standIn?: true | undefined;
  /** How the hidden state is written wherever it crosses to another tier. */
  readonly payloadDtype: PayloadDtype;
  /** Milliseconds until the answer is of no more use. */
  readonly deadlineMs: number;
  /** The trace that it belongs to (W3C Trace Context), where anybody traces it. */
  readonly traceparent?: string | undefined;
  readonly origin?: Origin | undefined;
}

/**
 * On whose behalf a request's work is done.
 * @param now the clock's time, from which the deadline counts.
 */
export function askerOf(
  request: Pick<InferRequest, 'origin' | 'deadlineMs'>,
  signal: AbortSignal,
  now: number,
  onTurn?: Asker['onTurn'],
): Asker {
  const { origin, deadlineMs } = request;
  const sample = origin ?? {};
  return {
    client: origin?.client ?? sample,
    sample,
    deadlineAt: now + deadlineMs,
    signal,
    onTurn,
    onComputed: origin?.onComputed,
  };
}

/** The last layer run before a sample comes; 0 for a text. */
export function enteredAfter({ priorLogits }: Pick<InferRequest, 'priorLogits'>): LayerIndex {
  return toLayer(priorLogits.length);
}

/** One layer run for one sample. */
export interface LayerStep {
  readonly layer: LayerIndex;
  /** The tier that ran it. */
  readonly tier: TierName;
  /** The task's raw logits. */
  readonly logits: readonly number[];
  /** Cosine of the mean-pooled hidden states before and after the layer, where the policy needs it. */
  readonly saturation?: number | undefined;
  readonly computeMs: number;
}

/** One hop between tiers and back, as the sending side saw it. */
export interface Crossing {
  readonly from: TierName;
  readonly to: TierName;
  /** The last layer run before it; 0 when the text itself crossed. */
  readonly afterLayer: LayerIndex;
  /** Bytes sent and received with all framing above TCP; for tiers in one process, the bytes the frame would have. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** From sending to the answer, everything beyond included. */
  readonly roundTripMs: number;
  /** Before it: the wait for a connection, for the far tier's share and for the line. */
  readonly waitMs?: number | undefined;
  /** Before it: writing the request and its hidden state. */
  readonly encodeMs?: number | undefined;
  /** Within it: reading the answer. */
  readonly decodeMs?: number | undefined;
  /** Under which the other side's spans are found, where it traces. Of this side alone: it does not cross. */
  readonly traceId?: string | undefined;
}

/** What a sample's stay at one tier took beside its layers, by that tier's own clock. */
export interface Stay {
  readonly tier: TierName;
  /** From its arrival to its answer, everything beyond included. */
  readonly totalMs: number;
  /** Waiting for a turn. */
  readonly queueMs: number;
  /** Reading the hidden state as it came. */
  readonly decodeMs?: number | undefined;
  readonly tokenizeMs?: number | undefined;
  readonly embedMs?: number | undefined;
}

export interface InferResult {
  /** Length of the sample in tokens, special ones included. */
  readonly tokens: number;
  /** The layers run for this request, in order; the last one is where the sample left. */
  readonly steps: readonly LayerStep[];
  readonly crossings: readonly Crossing[];
  /** Time spent waiting for a turn, summed over tiers. */
  readonly queueMs: number;
  /** Of the tiers that it came to, in order; those of an older version say nothing of theirs, nor of any beyond. */
  readonly stays?: readonly Stay[] | undefined;
  /** What the tier measured that chose where to send the sample whole, where the policy asks for that. */
  readonly distances?: PoolDistances | undefined;
}

/** Something that takes a sample to its exit: a tier of its own, or the way to one elsewhere. */
export interface Tier {
  /**
   * @throws DimeeError (`OVERLOADED`, `DEADLINE_EXCEEDED`, `STATE_NOT_HELD`, `TIER_UNAVAILABLE`, …);
   *   an `AbortError` once the signal is aborted.
   */
  infer(request: InferRequest, signal: AbortSignal): Promise<InferResult>;
}
