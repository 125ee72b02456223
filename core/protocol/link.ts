import { DimeeError } from '../errors';
import type { TierName } from '../layers';
import { PROTOCOL_VERSION } from './limits';
import {
  encodeMessage,
  type ErrorMessage,
  parseServerMessage,
  type ResultMessage,
  type ServerMessage,
  type Welcome,
} from './messages';
import type { OpenSocket, Socket } from './socket';

/** What is known of the way to the next tier. */
export type LinkStatus =
  | { readonly state: 'connecting' }
  | { readonly state: 'open'; readonly tier: TierName; readonly roundTripMs: number | undefined }
  /** `wantsToken`: it lets in only who knows its token, and we have not shown it. */
  | { readonly state: 'down'; readonly reason: string; readonly wantsToken?: true };

export interface LinkOptions {
  /** WebSocket address of the tier. */
  readonly url: string;
  /** The tier there. */
  readonly to: TierName;
  readonly modelHash: string;
  readonly variant: string;
  /** Who we are, for the other side's log. */
  readonly client: string;
  /** What the tier there may want to be shown (HS8). */
  readonly token?: string | undefined;
  readonly openSocket: OpenSocket;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
  /**
   * Milliseconds without a connection after which requests fail with `TIER_UNAVAILABLE`, for who can do without the tier;
   * otherwise they wait for it until their deadlines.
   */
  readonly patienceMs?: number | undefined;
  /** Milliseconds without a connection after which the tier is said to be down; by default those, or as is usual. */
  readonly reportMs?: number | undefined;
  readonly onStatus?: (status: LinkStatus) => void;
}

/** What a request came to. */
export type AnswerMessage = ResultMessage | (ErrorMessage & { readonly requestId: number });

/** What the owner of a link hears. */
export interface LinkListener {
  /** Milliseconds that what has been sent and not answered may still need to arrive. */
  drainMs(): number;
  /** The server has welcomed us: messages can be sent. */
  opened(): void;
  /** An answer, with its bytes on the wire and the milliseconds that reading it took. */
  answered(message: AnswerMessage, bytes: number, decodeMs: number): void;
  /** A connection is gone, and with it every answer to what was sent on it. A new one stands or is on its way. */
  lost(connection: number, how: 'broken' | 'drained'): void;
  /** Something that was sent made the server give the connection up. */
  blamed(error: DimeeError): void;
  /** Nothing can be sent until further notice. */
  failed(error: DimeeError): void;
}

const RECONNECT_MS = { first: 100, longest: 5000 };
/** Without a connection for so long, in milliseconds, a tier counts as down. */
export const USUAL_PATIENCE_MS = 2500;
const PING_MS = 4000;
/** Milliseconds an attempt to connect may take, up to the welcome. */
const WELCOME_MS = 10_000;
/** Milliseconds that a server about to end is waited for; what it has not answered by then is asked for elsewhere. */
const LEAVING_MS = 15_000;

/** A connection whose server takes no more and answers what it has (DR1). */
interface Leaving {
  readonly socket: Socket;
  readonly timer: ReturnType<typeof setTimeout>;
}

/**
 * A connection to a tier that is opened again whenever it is lost, and before that where its server is about to end: hello,
 * welcome, pings (`PROTOCOL.md`, HS1 to HS6, RQ8, DR1).
 */
export class Link {
  #socket: Socket | undefined;
  /** Connections opened so far: the number of the latest one. */
  #connection = 0;
  readonly #leaving = new Map<number, Leaving>();
  #welcome: Welcome | undefined;
  #failure: DimeeError | undefined;
  /** The server will not have us, or we are done: no more attempts. */
  #isOver = false;
  #reconnectMs = RECONNECT_MS.first;
  /** For the welcome, or for the next attempt to connect. */
  #connectionTimer: ReturnType<typeof setTimeout> | undefined;
  #patienceTimer: ReturnType<typeof setTimeout> | undefined;
  #reportTimer: ReturnType<typeof setTimeout> | undefined;
  #isSaidDown = false;
  #pingTimer: ReturnType<typeof setInterval> | undefined;
  #pingSent: { readonly id: number; readonly at: number } | undefined;
  #lastPingId = 0;
  /** When the other side was last heard of, or bytes last moved towards it. */
  #lastLifeAt = 0;
  #lastBuffered = 0;

  constructor(
    private readonly options: LinkOptions,
    private readonly listener: LinkListener,
  ) {
    this.#startPatience('');
    this.#connect();
  }

  /** What the server granted, while the connection is open. */
  get welcome(): Welcome | undefined {
    return this.#welcome;
  }

  /** Why nothing can be sent, where it is not just a matter of waiting. */
  get failure(): DimeeError | undefined {
    return this.#failure;
  }

  /** The number of the connection that messages go out on. */
  get connection(): number {
    return this.#connection;
  }

  /** Sends a message and gives its bytes on the wire. */
  send(message: string | Uint8Array<ArrayBuffer>, connection = this.#connection): number {
    const socket = connection === this.#connection ? this.#socket : this.#leaving.get(connection)?.socket;
    socket?.send(message);
    return websocketBytes(typeof message === 'string' ? utf8Length(message) : message.byteLength, true);
  }

  /** Ends the connection for good. */
  close(): void {
    this.#isOver = true;
    this.#endPatience();
    this.#fail(this.#unavailable());
    this.#hangUp(1000, 'done');
    for (const connection of [...this.#leaving.keys()]) this.#left(connection);
  }

  #connect(): void {
    const connection = ++this.#connection;
    if (!this.#isSaidDown) this.options.onStatus?.({ state: 'connecting' });
    const socket = this.options.openSocket(this.options.url);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    const { modelHash, variant, client, token } = this.options;
    const hello = encodeMessage({ type: 'hello', protocol: PROTOCOL_VERSION, modelHash, variant, client, token });
    socket.onopen = () => socket.send(hello);
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket || this.#leaving.has(connection)) this.#receive(data, connection);
    };
    socket.onerror = () => undefined;
    socket.onclose = ({ reason }) => {
      if (socket === this.#socket) this.#disconnected(reason);
      else this.#left(connection);
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
    this.#forgetSocket();
    this.listener.lost(this.#connection, 'broken');
    if (this.#isOver) return;
    if (wasOpen) this.#startPatience(reason);
    this.#connectionTimer = setTimeout(() => this.#connect(), this.#reconnectMs);
    this.#reconnectMs = Math.min(this.#reconnectMs * 2, RECONNECT_MS.longest);
  }

  #forgetSocket(): void {
    this.#socket = undefined;
    this.#welcome = undefined;
    this.#pingSent = undefined;
    this.#lastBuffered = 0;
    clearTimeout(this.#connectionTimer);
    clearInterval(this.#pingTimer);
  }

  /** The server is about to end: what was sent is still answered on this connection, and all else goes to another at once. */
  #moveOver(socket: Socket, reason: string): void {
    const connection = this.#connection;
    this.#leaving.set(connection, { socket, timer: setTimeout(() => this.#left(connection), LEAVING_MS) });
    this.#forgetSocket();
    this.#startPatience(reason);
    this.#connect();
  }

  #left(connection: number): void {
    const leaving = this.#leaving.get(connection);
    if (!leaving) return;
    this.#leaving.delete(connection);
    clearTimeout(leaving.timer);
    leaving.socket.close(1000, 'done');
    this.listener.lost(connection, 'drained');
  }

  #startPatience(reason: string): void {
    const { patienceMs, reportMs = patienceMs ?? USUAL_PATIENCE_MS } = this.options;
    this.#endPatience();
    this.#reportTimer = setTimeout(() => this.#sayDown({ reason: reason || 'no answer' }), reportMs);
    if (patienceMs === undefined) return;
    this.#patienceTimer = setTimeout(() => this.#fail(this.#unavailable()), patienceMs);
  }

  #endPatience(): void {
    clearTimeout(this.#patienceTimer);
    clearTimeout(this.#reportTimer);
  }

  #sayDown(why: { readonly reason: string; readonly wantsToken?: true }): void {
    this.#isSaidDown = true;
    this.options.onStatus?.({ state: 'down', ...why });
  }

  #fail(error: DimeeError): void {
    this.#failure = error;
    this.listener.failed(error);
  }

  #receive(data: unknown, connection: number): void {
    const { now } = this.options;
    const arrivedAt = now();
    const isCurrent = connection === this.#connection;
    if (isCurrent) this.#lastLifeAt = arrivedAt;
    if (typeof data !== 'string') return;
    let message: ServerMessage;
    try {
      message = parseServerMessage(data);
    } catch {
      return isCurrent ? this.#hangUp(1002, 'unreadable message') : this.#left(connection);
    }
    const answer = answerIn(message);
    if (answer) this.listener.answered(answer, websocketBytes(utf8Length(data), false), now() - arrivedAt);
    else if (isCurrent) this.#heed(message);
  }

  #heed(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        return this.#welcomed(message);
      case 'pong':
        return this.#ponged(message.id);
      case 'error':
        return this.#connectionFailed(DimeeError.from(message));
      case 'result':
    }
  }

  #welcomed(welcome: Welcome): void {
    clearTimeout(this.#connectionTimer);
    this.#endPatience();
    clearInterval(this.#pingTimer);
    this.#welcome = welcome;
    this.#failure = undefined;
    this.#isSaidDown = false;
    this.#reconnectMs = RECONNECT_MS.first;
    this.#ping();
    this.#pingTimer = setInterval(() => this.#ping(), PING_MS);
    this.#reportOpen(undefined);
    this.listener.opened();
  }

  /**
   * The server gives the connection up and closes it (ER1). After the welcome, something that was sent is to blame.
   * Before it, the server will not serve us at all: another version, or another model.
   */
  #connectionFailed(error: DimeeError): void {
    if (error.code === 'DRAINING' && this.#socket && this.#welcome) return this.#moveOver(this.#socket, error.message);
    if (error.retryable) return;
    if (this.#welcome) return this.listener.blamed(error);
    this.#isOver = true;
    this.#endPatience();
    this.#sayDown({ reason: error.message, ...(error.code === 'UNAUTHORIZED' && { wantsToken: true }) });
    this.#fail(error);
  }

  /** A ping waits for what was sent before it, so a connection that is slow is not yet dead. */
  #ping(): void {
    const now = this.options.now();
    const buffered = this.#socket?.bufferedAmount ?? 0;
    if (buffered < this.#lastBuffered) this.#lastLifeAt = now;
    this.#lastBuffered = buffered;
    if (this.#pingSent) {
      const silentMs = now - Math.max(this.#lastLifeAt, this.#pingSent.at);
      if (silentMs >= Math.max(PING_MS, this.listener.drainMs())) this.#hangUp(4000, 'no answer to a ping');
      return;
    }
    this.#pingSent = { id: ++this.#lastPingId, at: now };
    this.send(encodeMessage({ type: 'ping', id: this.#pingSent.id }));
  }

  #ponged(id: number): void {
    if (this.#pingSent?.id !== id) return;
    this.#reportOpen(this.options.now() - this.#pingSent.at);
    this.#pingSent = undefined;
  }

  #reportOpen(roundTripMs: number | undefined): void {
    if (this.#welcome) this.options.onStatus?.({ state: 'open', tier: this.#welcome.tier, roundTripMs });
  }

  #unavailable(): DimeeError {
    const { to, url } = this.options;
    return new DimeeError('TIER_UNAVAILABLE', `The ${to} tier at ${url} does not answer.`, { retryable: true });
  }
}

/** Bytes of a WebSocket message in one frame: its payload, the frame's header, and the mask a client adds (RFC 6455, 5.2). */
export function websocketBytes(payloadBytes: number, masked: boolean): number {
  const extendedLength = payloadBytes < 126 ? 0 : payloadBytes < 65_536 ? 2 : 8;
  return payloadBytes + 2 + extendedLength + (masked ? 4 : 0);
}

function answerIn(message: ServerMessage): AnswerMessage | undefined {
  if (message.type === 'result') return message;
  if (message.type !== 'error' || message.requestId === undefined) return undefined;
  return { ...message, requestId: message.requestId };
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}
