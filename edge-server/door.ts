import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { BlockList, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { clientOf, holderOf, isProxy, peerOf } from './client-address';
import { Shares } from './shares';

export interface DoorOptions {
  readonly answer: RequestListener;
  /** A WebSocket’s handshake, with who asks for it. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer, client: string) => void;
  /** Sockets of all clients at a time, and of one address that is no proxy. */
  readonly mostSockets: number;
  readonly mostSocketsPerAddress: number;
  /** Proxies that are believed where they say who asks, and that ask for many. */
  readonly proxies: BlockList | undefined;
  /** Milliseconds in which a request has to be here, from the opening of its connection. */
  readonly requestMs?: number;
  /** Certificate and key in PEM, for TLS. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | undefined;
}

const REQUEST_MS = 12_000;
/** So often unfinished requests are looked for, as a share of their time: what is silent is cut within 14 seconds. */
const CHECKS_A_REQUEST = 6;
/** Milliseconds in which not a byte of a response moved, after which nobody reads it. */
const STALLED_MS = 60_000;

/** Node's error codes for who has said too little for too long. */
const UNFINISHED: ReadonlySet<string> = new Set(['ERR_HTTP_REQUEST_TIMEOUT', 'ERR_TLS_HANDSHAKE_TIMEOUT']);

/** Of Node's error codes, what a client hears; anything else is `400 Bad Request`. */
const STATUS_OF: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
};

/**
 * An HTTP server that bounds what a connection may cost from its first moment on: it has to ask for something soon, and
 * one address may not hold all there are. `Upgrade` headers other than WebSocket's are as if they were not there (RFC 9110,
 * 7.8): curl and Java offer HTTP/2 in that way, and want the page.
 */
export class Door {
  readonly server: Server;
  readonly #sockets = new WeakSet<Duplex>();
  readonly #perAddress: Shares;
  #open = 0;
  #unfinished = 0;
  #crowded = 0;

  constructor(private readonly options: DoorOptions) {
    const { answer, tls, mostSockets, mostSocketsPerAddress, requestMs = REQUEST_MS } = options;
    this.#perAddress = new Shares(mostSocketsPerAddress);
    const times = {
      headersTimeout: requestMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: requestMs / CHECKS_A_REQUEST,
    };
    this.server = tls
      ? createSecureServer({ ...times, ...tls, handshakeTimeout: requestMs }, answer)
      : createServer(times, answer);
    this.server.timeout = STALLED_MS;
    this.server.maxConnections = mostSockets;
    this.server.on('connection', (socket) => this.#admit(socket));
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#dismiss(error, socket));
    this.server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.server.on('drop', () => this.#crowded++);
    this.server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Duplex) => this.#hangUp(error, socket));
  }

  /** Sockets open now; and so far, those cut since no whole request came, and those not admitted for their number. */
  get status() {
    return { open: this.#open, unfinished: this.#unfinished, crowded: this.#crowded };
  }

  #admit(socket: Socket): void {
    // A request that is read again comes in a second time.
    if (this.#sockets.has(socket)) return;
    this.#sockets.add(socket);
    const address = peerOf({ socket });
    const giveBack = isProxy(address, this.options.proxies)
      ? () => undefined
      : this.#perAddress.take(holderOf(address));
    if (!giveBack) {
      this.#crowded++;
      socket.destroy();
      return;
    }
    this.#open++;
    socket.once('close', () => {
      this.#open--;
      giveBack();
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { upgrade, proxies } = this.options;
    if (request.headers.upgrade?.toLowerCase() === 'websocket') {
      return upgrade(request, socket, head, clientOf(request, proxies));
    }
    socket.unshift(Buffer.concat([headWithoutUpgrade(request), head]));
    this.server.emit(this.options.tls ? 'secureConnection' : 'connection', socket);
  }

  #dismiss(error: NodeJS.ErrnoException, socket: Duplex): void {
    const { code = '' } = error;
    // Into the middle of a response nothing can be said.
    const isUnanswered = 'bytesWritten' in socket && socket.bytesWritten === 0;
    if (isUnanswered) socket.write(`HTTP/1.1 ${STATUS_OF[code] ?? '400 Bad Request'}\r\nConnection: close\r\n\r\n`);
    this.#hangUp(error, socket);
  }

  #hangUp({ code = '' }: NodeJS.ErrnoException, socket: Duplex): void {
    if (UNFINISHED.has(code)) this.#unfinished++;
    socket.destroy();
  }
}

/** A request's head as it came, but for the offer to speak something else. */
function headWithoutUpgrade({ method, url, httpVersion, rawHeaders, headers }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!/^(upgrade|connection|http2-settings)$/i.test(name)) lines.push(`${name}: ${rawHeaders[index + 1]}`);
  }
  if (/\bclose\b/i.test(headers.connection ?? '')) lines.push('Connection: close');
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
