import * as v from 'valibot';
import { parseBoundedJson } from '../bounded-json';
import { DimeeError, type ErrorCode, type ErrorData } from '../errors';
import type { InferRequest, InferResult } from '../ladder/tier';
import { TIERS, toLayer } from '../layers';
import { PAYLOAD_DTYPES } from '../payload/dtypes';
import { LIMITS } from './limits';
import { TRACEPARENT } from './traceparent';

const word = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
const text = v.pipe(v.string(), v.maxLength(LIMITS.maxTextLength));
const requestId = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff));
const layerCount = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LIMITS.maxLayers));
const layer = v.pipe(layerCount, v.transform(toLayer));
const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0));
const cosine = v.pipe(v.number(), v.minValue(-1), v.maxValue(1));
const byteCount = v.pipe(v.number(), v.integer(), v.minValue(0));
const logits = v.pipe(
  v.array(v.pipe(v.number(), v.finite())),
  v.minLength(2),
  v.maxLength(LIMITS.maxClasses),
  v.transform((values) => values.map(Math.fround)),
);
const tier = v.picklist(TIERS);

const hello = v.object({
  type: v.literal('hello'),
  protocol: v.pipe(v.number(), v.integer()),
  modelHash: word,
  variant: word,
  client: word,
  /** Where the server lets in only who knows it (HS8). What is said of it in errors is its length alone. */
  token: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.maxTokenLength))),
});

const infer = v.object({
  type: v.literal('infer'),
  requestId,
  sampleKey: word,
  task: word,
  policy: v.object({ id: word, parameters: v.record(word, v.pipe(v.number(), v.finite())) }),
  plan: v.object({ mobileLayers: layerCount, edgeLayers: layerCount }),
  priorLogits: v.pipe(v.array(logits), v.maxLength(LIMITS.maxLayers)),
  /** For policies that draw lots. */
  rowSeed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff))),
  input: v.variant('kind', [
    v.object({ kind: v.literal('text'), texts: v.union([v.strictTuple([text]), v.strictTuple([text, text])]) }),
    v.object({ kind: v.literal('hiddenState') }),
    v.object({ kind: v.literal('held') }),
  ]),
  /** The device cannot run its layers (RQ10). */
  standIn: v.optional(v.literal(true)),
  payloadDtype: v.picklist(PAYLOAD_DTYPES),
  deadlineMs: v.pipe(milliseconds, v.maxValue(LIMITS.maxDeadlineMs)),
  traceparent: v.optional(v.pipe(v.string(), v.regex(TRACEPARENT))),
  /** Whose the sample is among those of an edge's clients (RQ12). */
  onBehalfOf: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.maxClientKeyLength))),
});

const cancel = v.object({ type: v.literal('cancel'), requestId });
const ping = v.object({ type: v.literal('ping'), id: requestId });

const welcome = v.object({
  type: v.literal('welcome'),
  protocol: v.pipe(v.number(), v.integer()),
  tier,
  modelHash: word,
  variant: word,
  /** Requests this server keeps in flight for one client; more are answered `OVERLOADED`. */
  maxInFlight: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** This server traces requests: they may say to which trace they belong (RQ11). */
  traces: v.optional(v.literal(true)),
});

const result = v.object({
  type: v.literal('result'),
  requestId,
  tokens: byteCount,
  steps: v.pipe(
    v.array(v.object({ layer, tier, logits, saturation: v.optional(cosine), computeMs: milliseconds })),
    v.minLength(1),
    v.maxLength(LIMITS.maxLayers),
  ),
  crossings: v.array(
    v.object({
      from: tier,
      to: tier,
      afterLayer: v.pipe(v.number(), v.integer(), v.minValue(0), v.transform(toLayer)),
      bytesUp: byteCount,
      bytesDown: byteCount,
      roundTripMs: milliseconds,
      waitMs: v.optional(milliseconds),
      encodeMs: v.optional(milliseconds),
      decodeMs: v.optional(milliseconds),
    }),
  ),
  queueMs: milliseconds,
  /** Absent from tiers that do not report them (RS3). */
  stays: v.optional(
    v.pipe(
      v.array(
        v.object({
          tier,
          totalMs: milliseconds,
          queueMs: milliseconds,
          decodeMs: v.optional(milliseconds),
          tokenizeMs: v.optional(milliseconds),
          embedMs: v.optional(milliseconds),
        }),
      ),
      v.maxLength(TIERS.length),
    ),
  ),
});

const errorCode = v.custom<ErrorCode>((value) => typeof value === 'string' && /^[A-Z_]{1,64}$/.test(value));

const failure = v.object({
  type: v.literal('error'),
  /** Absent where the error is about the connection and not one request. */
  requestId: v.optional(requestId),
  code: errorCode,
  message: v.string(),
  retryable: v.boolean(),
  retryAfterMs: v.optional(milliseconds),
});

const pong = v.object({ type: v.literal('pong'), id: requestId });

const clientMessage = v.variant('type', [hello, infer, cancel, ping]);
const serverMessage = v.variant('type', [welcome, result, failure, pong]);

export type Hello = v.InferOutput<typeof hello>;
export type InferMessage = v.InferOutput<typeof infer>;
export type ClientMessage = v.InferOutput<typeof clientMessage>;
export type Welcome = v.InferOutput<typeof welcome>;
export type ResultMessage = v.InferOutput<typeof result>;
export type ErrorMessage = v.InferOutput<typeof failure>;
export type ServerMessage = v.InferOutput<typeof serverMessage>;

/** @throws DimeeError `BAD_MESSAGE`, naming the first field that is wrong. */
export function parseClientMessage(json: string): ClientMessage {
  return parse(clientMessage, json);
}

/** @throws DimeeError `BAD_MESSAGE`, naming the first field that is wrong. */
export function parseServerMessage(json: string): ServerMessage {
  return parse(serverMessage, json);
}

/** A message that may be made of parts which nobody may change. */
type Written<Part> = Part extends object ? { readonly [Key in keyof Part]: Written<Part[Key]> } : Part;

/** A message as JSON. */
export function encodeMessage(message: Written<ClientMessage | ServerMessage>): string {
  return JSON.stringify(message);
}

/** An `infer` as JSON (RQ1): a hidden state follows in its tensor frame. */
export function encodeInfer(requestId: number, request: InferRequest, deadlineMs: number, onBehalfOf?: string): string {
  const { sampleKey, task, policy, plan, priorLogits, rowSeed, input, standIn, payloadDtype, traceparent } = request;
  return encodeMessage({
    ...{ type: 'infer', requestId, sampleKey, task, policy, plan, rowSeed },
    priorLogits: priorLogits.map(inBrief),
    input: input.kind === 'hiddenState' ? { kind: input.kind } : input,
    ...{ standIn, payloadDtype, deadlineMs, traceparent, onBehalfOf },
  });
}

/** A `result` as JSON (RS1). What else a tier knows of the sample, such as its distances to pools, stays with the tier. */
export function encodeResult(requestId: number, { tokens, steps, crossings, queueMs, stays }: InferResult): string {
  return encodeMessage({
    ...{ type: 'result', requestId, tokens },
    steps: steps.map(({ layer, tier, logits, saturation, computeMs }) => ({
      ...{ layer, tier, logits: inBrief(logits), saturation },
      computeMs: toMicroseconds(computeMs),
    })),
    crossings: crossings.map(
      ({ from, to, afterLayer, bytesUp, bytesDown, roundTripMs, waitMs, encodeMs, decodeMs }) => ({
        ...{ from, to, afterLayer, bytesUp, bytesDown, roundTripMs },
        ...{ waitMs: briefly(waitMs), encodeMs: briefly(encodeMs), decodeMs: briefly(decodeMs) },
      }),
    ),
    queueMs: toMicroseconds(queueMs),
    stays: stays?.map(({ tier, totalMs, queueMs, decodeMs, tokenizeMs, embedMs }) => ({
      ...{ tier, totalMs: toMicroseconds(totalMs), queueMs: toMicroseconds(queueMs) },
      ...{ decodeMs: briefly(decodeMs), tokenizeMs: briefly(tokenizeMs), embedMs: briefly(embedMs) },
    })),
  });
}

/** Digits with which every float32 number is told from its neighbours. */
const FLOAT32_DIGITS = 9;

/** Logits as they are written (RS6): whoever reads them as float32 has the same numbers. */
function inBrief(logits: readonly number[]): number[] {
  return logits.map((logit) => Number(logit.toPrecision(FLOAT32_DIGITS)));
}

/** A duration as it is written (RS5): to the microsecond, and not at all where that is nothing. */
function briefly(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : toMicroseconds(ms) || undefined;
}

function toMicroseconds(ms: number): number {
  return Math.max(Math.round(1000 * ms) / 1000, 0);
}

/** An `error` as JSON (ER1): of a request, or of the connection. */
export function encodeError(requestId: number | undefined, error: ErrorData): string {
  const { code, message, retryable, retryAfterMs } = error;
  return encodeMessage({ type: 'error', requestId, code, message, retryable, retryAfterMs });
}

function parse<Schema extends v.GenericSchema>(schema: Schema, json: string): v.InferOutput<Schema> {
  if (json.length > LIMITS.maxMessageBytes) {
    throw new DimeeError('LIMIT_EXCEEDED', `A message may have ${LIMITS.maxMessageBytes} bytes, not ${json.length}.`);
  }
  const parsed = v.safeParse(schema, parseJson(json));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new DimeeError(
    'BAD_MESSAGE',
    `The message is not valid at “${v.getDotPath(issue) ?? 'its top'}”: ${issue.message}`,
  );
}

function parseJson(json: string): unknown {
  try {
    return parseBoundedJson(json);
  } catch (cause) {
    throw new DimeeError('BAD_MESSAGE', 'A text message must be JSON, and not nested deeper than ours are.', { cause });
  }
}
