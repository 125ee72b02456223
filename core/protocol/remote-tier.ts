import { DimeeError } from '../errors';
import { askerOf, enteredAfter, type InferRequest, type InferResult, type Tier } from '../ladder/tier';
import { layerAfter, type TierName } from '../layers';
import { isCoded } from '../payload/dtypes';
import { CODES_AT_ONCE, type StateCoder, type WrittenState } from '../payload/state-coder';
import { NO_CODECS, type StateCodecs } from '../payload/state-codecs';
import { LIMITS } from './limits';
import { Link, type LinkOptions } from './link';
import { encodeInfer, encodeMessage, type ErrorMessage, type ResultMessage } from './messages';
import { ShareWindow } from './share-window';
import { encodeTensorFrame, frameOf } from './tensor-frame';
import { traceIdOf } from './traceparent';
import { type Departure, Uplink } from './uplink';

export interface RemoteTierOptions extends LinkOptions {
  readonly from: TierName;
  /** For coded payloads; without any they cross as int8. */
  readonly codecs?: Pick<StateCodecs, 'dtypeAfter'>;
  /** Writes coded payloads; by default at once. */
  readonly coder?: Pick<StateCoder, 'write'>;
  /** Begins a trace for requests that belong to none, where the other side traces (RQ11). */
  readonly newTraceparent?: () => string;
  /** Where the other side is to tell our clients apart: the key of one of them, which says nothing else of it (RQ12). */
  readonly keyOf?: (client: object) => string;
}

interface Deadline {
  readonly at: number;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** A request on its way, and what it took to send it. */
interface Sent {
  readonly departure: Departure;
  /** The link's number of the connection that it went out on. */
  readonly connection: number;
  /** Before its first byte left: handing it to the socket may take as long as the far tier needs to begin. */
  readonly at: number;
  readonly waitMs: number;
  readonly encodeMs: number;
  readonly traceparent: string | undefined;
}

/** A hidden state as it crosses. */
interface Coded {
  readonly written: WrittenState;
  /** Milliseconds that writing it took, waits included. */
  readonly ms: number;
}

interface Pending {
  readonly requestId: number;
  readonly request: InferRequest;
  readonly deadlineMs: number;
  /** When it was handed over to be sent. */
  readonly askedAt: number;
  readonly resolve: (result: InferResult) => void;
  readonly reject: (reason: unknown) => void;
  /** Its hidden state in code, which takes its turn. Plain ones are written as they are sent. */
  coded: Coded | undefined;
  /** On a connection that stands. */
  sent: Sent | undefined;
  /** Connections that broke while it was on its way. */
  breaks: number;
  deadline: Deadline;
  /** It has had to wait for the line, so that its deadline begins with its departure: the tier is not to blame. */
  waitsForLine: boolean;
  /** Runs while an overloaded tier wants to be left alone. */
  retryTimer: ReturnType<typeof setTimeout> | undefined;
}

/** Connections that may break under a request: it is sent once more, and not a third time. */
const MOST_BREAKS = 2;

/**
 * The way to a tier behind a WebSocket (`PROTOCOL.md`). Requests are pipelined within the server's share and what the line
 * takes, wait for a lost connection and are sent again by their id, once. While the tier cannot be reached they wait, or
 * after `patienceMs` fail with `TIER_UNAVAILABLE`, and the connection is tried on in the background.
 */
export class RemoteTier implements Tier {
  readonly #pending = new Map<number, Pending>();
  readonly #link: Link;
  readonly #uplink: Uplink;
  readonly #window = new ShareWindow();
  #nextRequestId = 1;

  constructor(private readonly options: RemoteTierOptions) {
    this.#uplink = new Uplink(options.now);
    this.#link = new Link(options, {
      drainMs: () => this.#uplink.drainMs,
      opened: () => this.#flush(),
      answered: (message, bytes, decodeMs) =>
        message.type === 'result' ? this.#answered(message, bytes, decodeMs) : this.#failed(message, message.requestId),
      lost: (connection, how) => (how === 'broken' ? this.#lost(connection) : this.#drained(connection)),
      blamed: (error) => this.#failAll(error, (pending) => pending.sent !== undefined),
      failed: (error) => this.#failAll(error, isNotSent),
    });
  }

  /** Whether the connection stands. */
  get isOpen(): boolean {
    return this.#link.welcome !== undefined;
  }

  /** Why the server will not serve us, now or later. */
  get refusal(): DimeeError | undefined {
    const { failure } = this.#link;
    return failure?.retryable === false ? failure : undefined;
  }

  infer(request: InferRequest, signal: AbortSignal): Promise<InferResult> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#link.failure) return Promise.reject(this.#link.failure);
    const requestId = this.#nextRequestId++;
    const deadlineMs = Math.min(request.deadlineMs, LIMITS.maxDeadlineMs);
    return new Promise<InferResult>((resolve, reject) => {
      const abort = () => this.#cancel(requestId, signal.reason);
      const settle = () => {
        clearTimeout(pending.deadline.timer);
        clearTimeout(pending.retryTimer);
        if (pending.sent) this.#uplink.abandon(pending.sent.departure);
        signal.removeEventListener('abort', abort);
        this.#pending.delete(requestId);
      };
      signal.addEventListener('abort', abort, { once: true });
      const pending: Pending = {
        requestId,
        request,
        deadlineMs,
        askedAt: this.options.now(),
        resolve: (result) => (settle(), resolve(result)),
        reject: (reason) => (settle(), reject(reason)),
        coded: undefined,
        sent: undefined,
        breaks: 0,
        deadline: this.#deadlineIn(deadlineMs, requestId),
        waitsForLine: false,
        retryTimer: undefined,
      };
      this.#pending.set(requestId, pending);
      if (isBeingCoded(pending)) void this.#code(pending, signal);
      else this.#flush();
    });
  }

  /** Fails what is pending and ends the connection for good. */
  close(): void {
    this.#link.close();
    this.#failAll(this.#link.failure);
  }

  /** Sends what waits, each client's oldest first, as far as the server's share and the line go. */
  #flush(): void {
    const { welcome, connection } = this.#link;
    if (!welcome) return;
    const all = [...this.#pending.values()];
    const underWay = all.filter(({ sent }) => sent?.connection === connection);
    const waiting = all.filter((one) => !one.sent && one.retryTimer === undefined && !isBeingCoded(one));
    let inFlight = underWay.length;
    for (const pending of inTurn(waiting, underWay)) {
      if (inFlight >= this.#window.within(welcome.maxInFlight)) return;
      if (!this.#uplink.hasRoom) pending.waitsForLine = true;
      else if (this.#send(pending)) inFlight++;
    }
  }

  async #code(pending: Pending, signal: AbortSignal): Promise<void> {
    const { request } = pending;
    const { codecs = NO_CODECS, coder = CODES_AT_ONCE, now } = this.options;
    const { input, payloadDtype } = request;
    if (input.kind !== 'hiddenState') return;
    try {
      const dtype = await codecs.dtypeAfter(enteredAfter(request), payloadDtype);
      const { tokens, hidden } = input.state;
      const startedAt = now();
      const payload = await coder.write(input.state, dtype, askerOf(request, signal, startedAt));
      pending.coded = { written: { payload, dtype, tokens, hidden }, ms: now() - startedAt };
      this.#flush();
    } catch (error) {
      pending.reject(error);
    }
  }

  /** Whether it could be written: what cannot be is rejected. */
  #send(pending: Pending): boolean {
    const { now } = this.options;
    if (pending.waitsForLine) this.#restartDeadline(pending);
    const startedAt = now();
    const traceparent = this.#traceparentOf(pending.request);
    const { origin } = pending.request;
    const onBehalfOf = origin && this.options.keyOf?.(origin.client);
    let messages: (string | Uint8Array<ArrayBuffer>)[];
    try {
      messages = messagesOf(pending, pending.deadline.at - startedAt, { traceparent, onBehalfOf });
    } catch (error) {
      pending.reject(error);
      return false;
    }
    const at = now();
    const departure = this.#uplink.departed(messages.reduce((sum, message) => sum + this.#link.send(message), 0));
    const { connection } = this.#link;
    pending.sent = {
      departure,
      connection,
      at,
      waitMs: startedAt - pending.askedAt - (pending.coded?.ms ?? 0),
      encodeMs: at - startedAt + (pending.coded?.ms ?? 0),
      traceparent,
    };
    return true;
  }

  #traceparentOf({ traceparent }: InferRequest): string | undefined {
    return this.#link.welcome?.traces && (traceparent ?? this.options.newTraceparent?.());
  }

  #deadlineIn(ms: number, requestId: number): Deadline {
    return { at: this.options.now() + ms, timer: setTimeout(() => this.#expire(requestId), ms) };
  }

  #restartDeadline(pending: Pending): void {
    clearTimeout(pending.deadline.timer);
    pending.deadline = this.#deadlineIn(pending.deadlineMs, pending.requestId);
    pending.waitsForLine = false;
  }

  /** What has gone down with two connections is not given to a third. */
  #lost(connection: number): void {
    this.#uplink.startAnew();
    for (const pending of this.#sentOn(connection)) {
      pending.sent = undefined;
      if (++pending.breaks === MOST_BREAKS) pending.reject(this.#brokeTwice());
    }
  }

  /** A server that ended in order is not to be blamed on what it had no time for: that is sent to the next one. */
  #drained(connection: number): void {
    for (const pending of this.#sentOn(connection)) {
      if (pending.sent) this.#uplink.abandon(pending.sent.departure);
      pending.sent = undefined;
    }
    if (this.#link.failure) this.#failAll(this.#link.failure, isNotSent);
    else this.#flush();
  }

  #sentOn(connection: number): readonly Pending[] {
    return [...this.#pending.values()].filter(({ sent }) => sent?.connection === connection);
  }

  #brokeTwice(): DimeeError {
    const message = `The connection to the ${this.options.to} tier broke twice with this sample on its way.`;
    return new DimeeError('TIER_UNAVAILABLE', message, { retryable: true });
  }

  #answered(message: ResultMessage, bytesDown: number, decodeMs: number): void {
    const pending = this.#pending.get(message.requestId);
    if (!pending?.sent) return;
    const { departure, at, waitMs, encodeMs, traceparent } = pending.sent;
    this.#uplink.arrived(departure);
    if (this.#link.welcome) this.#window.answered(this.#link.welcome.maxInFlight);
    pending.sent = undefined;
    const { from, to, now } = this.options;
    const crossing = {
      from,
      to,
      afterLayer: enteredAfter(pending.request),
      bytesUp: departure.bytes,
      bytesDown,
      roundTripMs: now() - at,
      ...{ waitMs, encodeMs, decodeMs },
      ...(traceparent !== undefined && { traceId: traceIdOf(traceparent) }),
    };
    const { tokens, steps, crossings, queueMs, stays } = message;
    pending.resolve({ tokens, steps, crossings: [crossing, ...crossings], queueMs, stays });
    this.#flush();
  }

  #failed(message: ErrorMessage, requestId: number): void {
    const error = DimeeError.from(message);
    const pending = this.#pending.get(requestId);
    if (!pending) return;
    const mayGoElsewhere = pending.sent && pending.sent.connection !== this.#link.connection;
    const { sent } = pending;
    if (sent) {
      this.#uplink.arrived(sent.departure);
      if (error.code === 'OVERLOADED')
        this.#window.refused(sent.at, this.#sentOn(sent.connection).length, this.options.now());
    }
    pending.sent = undefined;
    if (error.code !== 'OVERLOADED') {
      pending.reject(error);
      return this.#flush();
    }
    if (mayGoElsewhere) return this.#flush();
    pending.retryTimer = setTimeout(() => {
      pending.retryTimer = undefined;
      this.#flush();
    }, error.retryAfterMs ?? 100);
  }

  #cancel(requestId: number, reason: unknown): void {
    const pending = this.#pending.get(requestId);
    if (pending?.sent) this.#link.send(encodeMessage({ type: 'cancel', requestId }), pending.sent.connection);
    pending?.reject(reason);
    // Once all that ends with it has ended: what is stopped together must not take each other's place.
    queueMicrotask(() => this.#flush());
  }

  #expire(requestId: number): void {
    const pending = this.#pending.get(requestId);
    if (pending?.waitsForLine && this.#link.welcome) return this.#restartDeadline(pending);
    const message = `The ${this.options.to} tier did not answer in time.`;
    // Who is late may be asked again; what has been sent twice may not, nor who is not there.
    const code = pending?.breaks || !this.#link.welcome ? 'TIER_UNAVAILABLE' : 'DEADLINE_EXCEEDED';
    this.#cancel(requestId, new DimeeError(code, message, { retryable: true }));
  }

  #failAll(reason: unknown, isConcerned: (pending: Pending) => boolean = () => true): void {
    for (const pending of [...this.#pending.values()].filter(isConcerned)) pending.reject(reason);
  }
}

function isNotSent({ sent }: Pending): boolean {
  return sent === undefined;
}

/** What waits, the first of those who have least under way first, so that a client's hundreds let others by. */
function inTurn(waiting: readonly Pending[], underWay: readonly Pending[]): readonly Pending[] {
  const counts = new Map<object | undefined, number>();
  const rankOf = ({ request: { origin } }: Pending) => {
    const rank = counts.get(origin?.client) ?? 0;
    counts.set(origin?.client, rank + 1);
    return rank;
  };
  underWay.forEach(rankOf);
  const ranked = waiting.map((pending) => ({ pending, rank: rankOf(pending) }));
  if (counts.size > 1) ranked.sort((one, other) => one.rank - other.rank);
  return ranked.map(({ pending }) => pending);
}

function isBeingCoded({ request: { input, payloadDtype }, coded }: Pending): boolean {
  return input.kind === 'hiddenState' && isCoded(payloadDtype) && !coded;
}

/** The `infer` and, where the sample is a hidden state, its tensor frame (RQ3). */
function messagesOf(
  { requestId, request, coded }: Pending,
  deadlineMs: number,
  { traceparent, onBehalfOf }: { readonly traceparent: string | undefined; readonly onBehalfOf: string | undefined },
): (string | Uint8Array<ArrayBuffer>)[] {
  const { input, payloadDtype: dtype } = request;
  const leftMs = Math.max(Math.ceil(deadlineMs), 0);
  const infer = encodeInfer(requestId, { ...request, traceparent }, leftMs, onBehalfOf);
  if (input.kind !== 'hiddenState') return [infer];
  const startLayer = layerAfter(enteredAfter(request));
  if (coded) return [infer, frameOf({ requestId, startLayer, written: coded.written })];
  if (isCoded(dtype)) throw new DimeeError('INTERNAL', 'A coded payload was to be sent before it was written.');
  return [infer, encodeTensorFrame({ requestId, startLayer, dtype, state: input.state })];
}
