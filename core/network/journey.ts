import { at } from '../numbers/at';
import { layerBefore, type LayerIndex, type Stretch, type TierName } from '../layers';
import { HEADER_BYTES } from '../protocol/limits';
import { type Equipment, REFERENCE_TOKENS } from './equipment';
import type { Access } from './profiles';

/** One sample's way through the tiers. */
export interface Journey {
  readonly stretches: readonly Stretch[];
  readonly exitLayer: LayerIndex;
  readonly tokens: number;
  /** Bytes of its text, where that is known; otherwise they are estimated from the tokens. */
  readonly textBytes?: number | undefined;
}

/** What a journey is modelled to take. All but `computeMs` of the servers concerns the mobile tier's own link. */
export interface ModelledJourney {
  readonly computeMs: Readonly<Record<TierName, number>>;
  /** Sending over the mobile link. */
  readonly upMs: number;
  /** Mean time from the text to the answer. */
  readonly latencyMs: number;
  /** Standard deviation of it: the link's jitter where the sample crosses, else 0. */
  readonly jitterMs: number;
  /** Over the mobile link, messages of the protocol included. */
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** UTF-8 bytes of English text a token, special tokens counted: what the public dev splits have, 3.7 to 5.1. */
export const TEXT_BYTES_PER_TOKEN = 4.4;

/**
 * JSON around a payload, measured on two classes: an `infer` and its logits of earlier layers, a `result` with the edge's
 * stay and its steps.
 */
const INFER_BYTES = 350;
const INFER_BYTES_PER_LAYER = 40;
const RESULT_BYTES = 175;
const RESULT_BYTES_PER_LAYER = 105;

/** Between edge and cloud: cables, where only the round trip counts. */
const BACKBONE_MBPS = 1000;

/**
 * Time = compute of every tier + for each crossing a round trip, 8 · bytes up / bandwidth up and 8 · bytes down /
 * bandwidth down. Queues, retries and TCP's slow start are left out. Text that goes whole to the cloud passes the edge's
 * place on its way. Offline (no `access`) nothing crosses: the mobile tier runs every layer itself.
 */
export function modelJourney(journey: Journey, equipment: Equipment, access: Access | undefined): ModelledJourney {
  const stretches = access
    ? journey.stretches
    : journey.stretches.map((each) => ({ ...each, tier: 'mobile' as const }));
  const computeMs = computeOf(stretches, journey, equipment);
  const ran = stretches.filter(({ firstLayer }) => firstLayer <= journey.exitLayer);
  const far = ran.find(({ tier }) => tier !== 'mobile');
  const local = { computeMs, upMs: 0, latencyMs: total(computeMs), jitterMs: 0, bytesUp: 0, bytesDown: 0 };
  if (!access || !far) return local;
  const { roundTripMs, upMbps, downMbps, jitterMs } = access.link;
  const bytesUp = requestBytes(layerBefore(far.firstLayer), journey, equipment);
  const bytesDown = RESULT_BYTES + RESULT_BYTES_PER_LAYER * (journey.exitLayer - far.firstLayer + 1);
  const upMs = transferMs(bytesUp, upMbps);
  const linkMs = roundTripMs + upMs + transferMs(bytesDown, downMbps);
  const latencyMs = total(computeMs) + linkMs + backboneMs(ran, journey, equipment);
  return { computeMs, upMs, latencyMs, jitterMs, bytesUp, bytesDown };
}

function computeOf(stretches: readonly Stretch[], { exitLayer, tokens }: Journey, { layerMs }: Equipment) {
  const computeMs = { mobile: 0, edge: 0, cloud: 0 };
  for (const { tier, firstLayer, lastLayer } of stretches) {
    const layers = Math.max(Math.min(exitLayer, lastLayer) - firstLayer + 1, 0);
    computeMs[tier] += (layers * layerMs[tier] * tokens) / REFERENCE_TOKENS;
  }
  return computeMs;
}

/** The hop to the cloud, from the edge or past it. The answer's way back is in the round trip. */
function backboneMs(ran: readonly Stretch[], journey: Journey, equipment: Equipment): number {
  const cloud = ran.find(({ tier }) => tier === 'cloud');
  if (!cloud) return 0;
  return (
    equipment.edgeToCloudMs + transferMs(requestBytes(layerBefore(cloud.firstLayer), journey, equipment), BACKBONE_MBPS)
  );
}

/** An `infer` and what it carries: the text before any layer, then the hidden state in its frame. */
function requestBytes(afterLayer: LayerIndex, journey: Journey, { stateBytesPerToken }: Equipment): number {
  const { tokens, textBytes = TEXT_BYTES_PER_TOKEN * tokens } = journey;
  if (afterLayer === 0) return INFER_BYTES + textBytes;
  const frame = HEADER_BYTES + at(stateBytesPerToken, afterLayer - 1) * tokens;
  return INFER_BYTES + INFER_BYTES_PER_LAYER * afterLayer + frame;
}

/** What so many bytes take to pass. */
export function transferMs(bytes: number, mbps: number): number {
  return (8 * bytes) / (1000 * mbps);
}

function total({ mobile, edge, cloud }: Readonly<Record<TierName, number>>): number {
  return mobile + edge + cloud;
}
