import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { LIMITS, SUBPROTOCOL } from '../core/protocol/limits';
import type { OpenSocket, Socket } from '../core/protocol/socket';
import type { ClientSocket } from '../core/protocol/connection';

/** Who hears what an accepted socket receives. */
export interface SocketListener {
  receive(data: string | Uint8Array): void;
  /** Ends the conversation in order: see `Connection.drain`. */
  drain?(): void;
  closed(): void;
}

/** Bytes, not messages: half a long message on a slow line is a sign of life. */
interface Watch {
  readonly line: { readonly bytesRead: number };
  /** What had come by the last beat. */
  bytesBefore: number | undefined;
  /** Something whole has come since. */
  hasSpoken: boolean;
  /** Beats for which it has not been listened to. */
  beatsUnread: number;
}

/** A socket from which no byte has come for one to two of these is cut. */
const HEARTBEAT_MS = 7000;
/**
 * Bytes that have to come from beat to beat where no message or pong becomes whole: a small part of what the slowest line
 * brings. Who sends fewer holds a place and says nothing.
 */
const LEAST_BYTES = 1024;
/** Bytes waiting to be sent above which a client is not listened to until it has read them: more than its share of answers. */
const MAX_UNREAD_BYTES = 256 * 1024;
/** Beats after which a client that still has not read them is cut. */
const MOST_BEATS_UNREAD = 4;
/** Milliseconds between looks whether the last conversation has ended. */
const DRAIN_POLL_MS = 20;
/** Milliseconds a client has to answer a close before its connection is cut. */
const CLOSE_MS = 1000;

/** Whatever else a client offers, a token for instance, is not said back. */
const handleProtocols = (offered: ReadonlySet<string>) => offered.has(SUBPROTOCOL) && SUBPROTOCOL;

const OPTIONS = {
  maxPayload: LIMITS.maxMessageBytes,
  // What holds a piece of a message takes some 100 bytes beside it, and up to 64 KiB of what it was read with. Browsers
  // and proxies cut messages into pieces of kilobytes.
  maxFragments: LIMITS.maxFragments,
  maxBufferedChunks: 1024,
  // Compression would cost more than it saves: hidden states do not compress, and results are small.
  perMessageDeflate: false,
};

const SERVER_OPTIONS = {
  ...OPTIONS,
  // Who sends thousands of short messages in one piece has one of them read in each turn of the loop, as all others do.
  allowSynchronousEvents: false,
};

export interface AcceptorOptions {
  readonly heartbeatMs?: number;
  /** Bytes of a message; frames that one may come in, and pieces that are kept of those that are not whole. */
  readonly maxPayload?: number;
  readonly maxFragments?: number;
  readonly maxBufferedChunks?: number;
}

/** Opens a client's socket. Its messages are read as text and `ArrayBuffer`. */
export const openSocket: OpenSocket = (url) => new WebSocket(url, SUBPROTOCOL, OPTIONS) as unknown as Socket;

/** Accepts sockets of `dimee.v1` on upgrade requests, watches over them and closes them. */
export class SocketAcceptor {
  readonly #server: WebSocketServer;
  readonly #watches = new WeakMap<WebSocket, Watch>();
  readonly #listeners = new WeakMap<WebSocket, SocketListener>();
  readonly #heartbeat: ReturnType<typeof setInterval>;
  #binaryMessages = 0;
  #silent = 0;
  #unread = 0;
  #receivedBytes = 0;
  #sentBytes = 0;

  /** `accept` is called with each new socket and whose it is, and names who hears of its messages. */
  constructor(
    private readonly accept: (socket: ClientSocket, holder: string) => SocketListener,
    { heartbeatMs = HEARTBEAT_MS, ...bounds }: AcceptorOptions = {},
  ) {
    this.#server = new WebSocketServer({ ...SERVER_OPTIONS, ...bounds, handleProtocols, noServer: true });
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs).unref();
  }

  get connections(): number {
    return this.#server.clients.size;
  }

  /** Binary messages received so far. */
  get binaryMessages(): number {
    return this.#binaryMessages;
  }

  /** Sockets cut so far: those that fell silent, and those that did not read what they asked for. */
  get cut() {
    return { silent: this.#silent, unread: this.#unread };
  }

  /** Bytes of all messages so far, without their framing. */
  get traffic(): { readonly receivedBytes: number; readonly sentBytes: number } {
    return { receivedBytes: this.#receivedBytes, sentBytes: this.#sentBytes };
  }

  upgrade(request: IncomingMessage, connection: Duplex, head: Buffer, holder = ''): void {
    this.#server.handleUpgrade(request, connection, head, (socket) => {
      this.#watches.set(socket, { line: request.socket, bytesBefore: undefined, hasSpoken: false, beatsUnread: 0 });
      this.#adopt(socket, holder);
    });
  }

  /** Has every conversation end in order; resolves once all sockets are closing. */
  async drain(): Promise<void> {
    for (const socket of this.#server.clients) this.#listeners.get(socket)?.drain?.();
    const isOpen = (socket: WebSocket) => socket.readyState === WebSocket.OPEN;
    while ([...this.#server.clients].some(isOpen)) await sleep(DRAIN_POLL_MS);
  }

  /** Closes every socket, and cuts those that do not answer in time. */
  async close(code: number, reason: string): Promise<void> {
    clearInterval(this.#heartbeat);
    const sockets = [...this.#server.clients];
    const closed = sockets.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())));
    for (const socket of sockets) socket.close(code, reason);
    const cut = setTimeout(() => sockets.forEach((socket) => socket.terminate()), CLOSE_MS);
    await Promise.all(closed);
    clearTimeout(cut);
  }

  #adopt(socket: WebSocket, holder: string): void {
    const listener = this.accept(
      {
        send: (message) => {
          this.#sentBytes += Buffer.byteLength(message);
          sendWithin(socket, message);
        },
        close: (code, reason) => socket.close(code, reason),
      },
      holder,
    );
    this.#listeners.set(socket, listener);
    const speaks = () => {
      const watch = this.#watches.get(socket);
      if (watch) watch.hasSpoken = true;
    };
    for (const event of ['message', 'ping', 'pong']) socket.on(event, speaks);
    socket.on('message', (data, isBinary) => {
      const bytes = bytesOf(data);
      this.#receivedBytes += bytes.byteLength;
      if (isBinary) this.#binaryMessages++;
      listener.receive(isBinary ? bytes : bytes.toString('utf8'));
    });
    socket.on('close', () => listener.closed());
    // ws closes the socket itself, with the code that RFC 6455 names for what was wrong.
    socket.on('error', () => undefined);
  }

  #beat(): void {
    for (const socket of this.#server.clients) {
      const watch = this.#watches.get(socket);
      if (!watch) socket.terminate();
      else if (socket.isPaused) this.#beatUnread(socket, watch);
      else this.#beatHeard(socket, watch);
    }
  }

  #beatHeard(socket: WebSocket, watch: Watch): void {
    if (isSilent(watch)) {
      this.#silent++;
      socket.terminate();
      return;
    }
    watch.bytesBefore = watch.line.bytesRead;
    watch.hasSpoken = false;
    watch.beatsUnread = 0;
    socket.ping();
  }

  #beatUnread(socket: WebSocket, watch: Watch): void {
    watch.bytesBefore = undefined;
    if (++watch.beatsUnread <= MOST_BEATS_UNREAD) return;
    this.#unread++;
    socket.terminate();
  }
}

function isSilent({ line, bytesBefore, hasSpoken }: Watch): boolean {
  return !hasSpoken && bytesBefore !== undefined && line.bytesRead - bytesBefore < LEAST_BYTES;
}

/** Sends; a client that does not read what it asked for is not listened to meanwhile. */
function sendWithin(socket: WebSocket, message: string): void {
  socket.send(message, () => {
    if (socket.isPaused && socket.bufferedAmount < MAX_UNREAD_BYTES / 2) socket.resume();
  });
  if (socket.bufferedAmount > MAX_UNREAD_BYTES) socket.pause();
}

function bytesOf(data: WebSocket.RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? Buffer.from(data) : data;
}
