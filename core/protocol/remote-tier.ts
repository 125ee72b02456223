import { DimeeError } from '../errors';
import type { InferRequest, InferResult, Tier } from '../ladder/tier';
import type { TierName } from '../layers';
import { LIMITS, PROTOCOL_VERSION } from './limits';
import {
  type ErrorMessage,
  parseServerMessage,
  type ResultMessage,
  type ServerMessage,
  type Welcome,
} from './messages';
import type { OpenSocket, Socket } from './socket';
import { encodeTensorFrame } from './tensor-frame';

/** What is known of the way to the next tier. */
export type LinkStatus =
  | { readonly state: 'connecting' }
  | { readonly state: 'open'; readonly tier: TierName; readonly roundTripMs: number | undefined }
  | { readonly state: 'down'; readonly reason: string };

export interface RemoteTierOptions {
  /** WebSocket address of the tier. */
  readonly url: string;
  readonly from: TierName;
  readonly to: TierName;
  readonly modelHash: string;
  readonly variant: string;
  /** Who we are, for the other side's log. */
  readonly client: string;
  readonly openSocket: OpenSocket;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
  /** Milliseconds without a connection after which requests fail instead of waiting for it. */
  readonly patienceMs?: number;
  readonly onStatus?: (status: LinkStatus) => void;
}

interface Pending {
  readonly requestId: number;
  readonly request: InferRequest;
  readonly deadlineAt: number;
  readonly resolve: (result: InferResult) => void;
  readonly reject: (reason: unknown) => void;
  sent: { readonly at: number; readonly bytes: number } | undefined;
  /** Runs while an overloaded tier wants to be left alone. */
  retryTimer: ReturnType<typeof setTimeout> | undefined;
}

const RECONNECT_MS = { first: 100, longest: 5000 };
const PING_MS = 4000;
/** Milliseconds an attempt to connect may take, up to the welcome. */
const WELCOME_MS = 10_000;

/**
 * The way to a tier behind a WebSocket (`PROTOCOL.md`). Requests are pipelined within the server's share, wait for a lost
 * connection and are sent again by their id. While the tier cannot be reached they fail with `TIER_UNAVAILABLE`, and the
 * connection is tried on in the background.
 */
export class RemoteTier implements Tier {
  readonly #pending = new Map<number, Pending>();
  #socket: Socket | undefined;
  #welcome: Welcome | undefined;
  #refusal: DimeeError | undefined;
  #nextRequestId = 1;
  #reconnectMs = RECONNECT_MS.first;
  #isDown = false;
  #isClosed = false;
  /** For the welcome, or for the next attempt to connect. */
  #connectionTimer: ReturnType<typeof setTimeout> | undefined;
  #patienceTimer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setInterval> | undefined;
  #pingSent: { readonly id: number; readonly at: number } | undefined;

  constructor(private readonly options: RemoteTierOptions) {
    this.#startPatience('');
    this.#connect();
  }

  infer(request: InferRequest, signal: AbortSignal): Promise<InferResult> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#refusal) return Promise.reject(this.#refusal);
    if (this.#isDown || this.#isClosed) return Promise.reject(this.#unavailable());
    const requestId = this.#nextRequestId++;
    const deadlineMs = Math.min(request.deadlineMs, LIMITS.maxDeadlineMs);
    return new Promise<InferResult>((resolve, reject) => {
      const deadline = setTimeout(() => this.#expire(requestId), deadlineMs);
      const abort = () => this.#cancel(requestId, signal.reason);
      const settle = () => {
        clearTimeout(deadline);
        clearTimeout(this.#pending.get(requestId)?.retryTimer);
        signal.removeEventListener('abort', abort);
        this.#pending.delete(requestId);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#pending.set(requestId, {
        requestId,
        request,
        deadlineAt: this.options.now() + deadlineMs,
        resolve: (result) => (settle(), resolve(result)),
        reject: (reason) => (settle(), reject(reason)),
        sent: undefined,
        retryTimer: undefined,
      });
      this.#flush();
    });
  }

  /** Fails what is pending and ends the connection for good. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#patienceTimer);
    this.#failAll(this.#unavailable());
    this.#hangUp(1000, 'done');
  }

  #connect(): void {
    if (!this.#isDown) this.options.onStatus?.({ state: 'connecting' });
    const socket = this.options.openSocket(this.options.url);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    const { modelHash, variant, client } = this.options;
    const hello = { type: 'hello', protocol: PROTOCOL_VERSION, modelHash, variant, client };
    socket.onopen = () => socket.send(JSON.stringify(hello));
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#receive(data);
    };
    socket.onerror = () => undefined;
    socket.onclose = ({ reason }) => {
      if (socket === this.#socket) this.#disconnected(reason);
    };
    this.#connectionTimer = setTimeout(() => this.#hangUp(4000, 'no welcome'), WELCOME_MS);
  }

  /** Ends this connection without waiting for the other side's close, which a dead peer never sends. */
  #hangUp(code: number, reason: string): void {
    const socket = this.#socket;
    this.#disconnected(reason);
    socket?.close(code, reason);
  }

  #disconnected(reason: string): void {
    const wasOpen = this.#welcome !== undefined;
    this.#socket = undefined;
    this.#welcome = undefined;
    this.#pingSent = undefined;
    clearTimeout(this.#connectionTimer);
    clearInterval(this.#pingTimer);
    for (const pending of this.#pending.values()) pending.sent = undefined;
    if (this.#isClosed || this.#refusal) return;
    if (wasOpen) this.#startPatience(reason);
    this.#connectionTimer = setTimeout(() => this.#connect(), this.#reconnectMs);
    this.#reconnectMs = Math.min(this.#reconnectMs * 2, RECONNECT_MS.longest);
  }

  #startPatience(reason: string): void {
    this.#patienceTimer = setTimeout(() => this.#goDown(reason), this.options.patienceMs ?? 2500);
  }

  #goDown(reason: string): void {
    this.#isDown = true;
    this.options.onStatus?.({ state: 'down', reason: reason || 'no answer' });
    this.#failAll(this.#unavailable());
  }

  #receive(data: unknown): void {
    if (typeof data !== 'string') return;
    let message: ServerMessage;
    try {
      message = parseServerMessage(data);
    } catch {
      return this.#hangUp(1002, 'unreadable message');
    }
    switch (message.type) {
      case 'welcome':
        return this.#welcomed(message);
      case 'result':
        return this.#answered(message, websocketBytes(utf8Length(data), false));
      case 'error':
        return this.#failed(message);
      case 'pong':
        return this.#ponged(message.id);
    }
  }

  #welcomed(welcome: Welcome): void {
    clearTimeout(this.#connectionTimer);
    clearTimeout(this.#patienceTimer);
    clearInterval(this.#pingTimer);
    this.#welcome = welcome;
    this.#isDown = false;
    this.#reconnectMs = RECONNECT_MS.first;
    this.#ping();
    this.#pingTimer = setInterval(() => this.#ping(), PING_MS);
    this.#reportOpen(undefined);
    this.#flush();
  }

  /** Sends what waits, oldest first, as far as the server's share goes. */
  #flush(): void {
    if (!this.#welcome) return;
    const all = [...this.#pending.values()];
    let inFlight = all.filter((pending) => pending.sent).length;
    for (const pending of all) {
      if (inFlight >= this.#welcome.maxInFlight) return;
      if (pending.sent || pending.retryTimer !== undefined) continue;
      this.#send(pending);
      if (pending.sent) inFlight++;
    }
  }

  #send(pending: Pending): void {
    const at = this.options.now();
    let messages: (string | Uint8Array<ArrayBuffer>)[];
    try {
      messages = messagesOf(pending, at);
    } catch (error) {
      return pending.reject(error);
    }
    let bytes = 0;
    for (const message of messages) {
      this.#socket?.send(message);
      bytes += websocketBytes(typeof message === 'string' ? utf8Length(message) : message.byteLength, true);
    }
    pending.sent = { at, bytes };
  }

  #answered(message: ResultMessage, bytesDown: number): void {
    const pending = this.#pending.get(message.requestId);
    if (!pending?.sent) return;
    const { from, to, now } = this.options;
    const crossing = {
      from,
      to,
      afterLayer: pending.request.priorLogits.length,
      bytesUp: pending.sent.bytes,
      bytesDown,
      roundTripMs: now() - pending.sent.at,
    };
    const { tokens, steps, crossings, queueMs } = message;
    pending.resolve({ tokens, steps, crossings: [crossing, ...crossings], queueMs });
    this.#flush();
  }

  #failed(message: ErrorMessage): void {
    const error = DimeeError.from(message);
    if (message.requestId === undefined) return this.#connectionFailed(error);
    const pending = this.#pending.get(message.requestId);
    if (!pending) return;
    if (error.code !== 'OVERLOADED') {
      pending.reject(error);
      return this.#flush();
    }
    pending.sent = undefined;
    pending.retryTimer = setTimeout(() => {
      pending.retryTimer = undefined;
      this.#flush();
    }, error.retryAfterMs ?? 100);
  }

  /**
   * The server gives the connection up and closes it (ER1). After the welcome, something that was sent is to blame.
   * Before it, the server will not serve us at all: another version, or another model.
   */
  #connectionFailed(error: DimeeError): void {
    if (error.retryable) return;
    if (this.#welcome) return this.#failAll(error, (pending) => pending.sent !== undefined);
    this.#refusal = error;
    clearTimeout(this.#patienceTimer);
    this.options.onStatus?.({ state: 'down', reason: error.message });
    this.#failAll(error);
  }

  #ping(): void {
    if (this.#pingSent) return this.#hangUp(4000, 'no pong');
    this.#pingSent = { id: this.#nextRequestId++, at: this.options.now() };
    this.#socket?.send(JSON.stringify({ type: 'ping', id: this.#pingSent.id }));
  }

  #ponged(id: number): void {
    if (this.#pingSent?.id !== id) return;
    this.#reportOpen(this.options.now() - this.#pingSent.at);
    this.#pingSent = undefined;
  }

  #reportOpen(roundTripMs: number | undefined): void {
    if (this.#welcome) this.options.onStatus?.({ state: 'open', tier: this.#welcome.tier, roundTripMs });
  }

  #cancel(requestId: number, reason: unknown): void {
    const pending = this.#pending.get(requestId);
    if (pending?.sent) this.#socket?.send(JSON.stringify({ type: 'cancel', requestId }));
    pending?.reject(reason);
    this.#flush();
  }

  #expire(requestId: number): void {
    const message = `The ${this.options.to} tier did not answer in time.`;
    this.#cancel(requestId, new DimeeError('DEADLINE_EXCEEDED', message, { retryable: true }));
  }

  #failAll(reason: unknown, isConcerned: (pending: Pending) => boolean = () => true): void {
    for (const pending of [...this.#pending.values()].filter(isConcerned)) pending.reject(reason);
  }

  #unavailable(): DimeeError {
    const { to, url } = this.options;
    return new DimeeError('TIER_UNAVAILABLE', `The ${to} tier at ${url} does not answer.`, { retryable: true });
  }
}

/** The `infer` and, where the sample is a hidden state, its tensor frame (RQ3). */
function messagesOf({ requestId, request, deadlineAt }: Pending, now: number): (string | Uint8Array<ArrayBuffer>)[] {
  const { input, payloadDtype, ...rest } = request;
  const infer = JSON.stringify({
    type: 'infer',
    requestId,
    ...rest,
    input: input.kind === 'hiddenState' ? { kind: input.kind } : input,
    payloadDtype,
    deadlineMs: Math.max(deadlineAt - now, 0),
  });
  if (input.kind !== 'hiddenState') return [infer];
  const startLayer = request.priorLogits.length + 1;
  return [infer, encodeTensorFrame({ requestId, startLayer, dtype: payloadDtype, state: input.state })];
}

/** Bytes of a WebSocket message in one frame: its payload, the frame's header, and the mask a client adds (RFC 6455, 5.2). */
export function websocketBytes(payloadBytes: number, masked: boolean): number {
  const extendedLength = payloadBytes < 126 ? 0 : payloadBytes < 65_536 ? 2 : 8;
  return payloadBytes + 2 + extendedLength + (masked ? 4 : 0);
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}
