import type { OpenSocket, Socket } from '../protocol/socket';

/** One end of a connection in memory. What it sends arrives at the other end in a microtask, in order. */
export class FakeSocket implements Socket {
  binaryType = 'arraybuffer';
  readonly bufferedAmount = 0;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  /** Everything sent from this end, in order. */
  readonly sent: (string | Uint8Array<ArrayBuffer>)[] = [];
  /** Code and reason this end was closed with, by either side. */
  closed: { readonly code: number; readonly reason: string } | undefined;
  #peer: FakeSocket | undefined;
  #isClosing = false;
  private isUnplugged = false;

  /** Two ends of one connection. The first is the client's, whose `onopen` is called by `open`. */
  static pair(): [client: FakeSocket, server: FakeSocket] {
    const [client, server] = [new FakeSocket(), new FakeSocket()];
    client.#peer = server;
    server.#peer = client;
    return [client, server];
  }

  /** The handshake of HTTP is done. */
  open(): void {
    if (!this.closed) this.onopen?.(undefined as never);
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.closed || this.#isClosing) return;
    this.sent.push(data);
    const copy = typeof data === 'string' ? data : new Uint8Array(data).buffer;
    this.#later((peer) => !peer.closed && peer.onmessage?.({ data: copy }));
  }

  /** An orderly close: both ends hear of it once the other has answered. */
  close(code = 1005, reason = ''): void {
    if (this.closed || this.#isClosing) return;
    this.#isClosing = true;
    this.#later((peer) => {
      peer.end(code, reason);
      queueMicrotask(() => this.end(code, reason));
    });
  }

  /** The connection breaks: both ends hear of it, without a reason. */
  lose(): void {
    this.#peer?.end(1006, '');
    this.end(1006, '');
  }

  /** The cable is pulled: neither end hears anything any more, not even of a close. */
  unplug(): void {
    this.isUnplugged = true;
    if (this.#peer) this.#peer.isUnplugged = true;
  }

  /** What this end has sent as JSON, parsed; binary messages are left out. */
  get sentMessages(): Record<string, unknown>[] {
    return this.sent
      .filter((data): data is string => typeof data === 'string')
      .map((json) => JSON.parse(json) as Record<string, unknown>);
  }

  #later(deliver: (peer: FakeSocket) => void): void {
    queueMicrotask(() => {
      if (this.#peer && !this.isUnplugged) deliver(this.#peer);
    });
  }

  private end(code: number, reason: string): void {
    if (this.closed) return;
    this.closed = { code, reason };
    this.onclose?.({ code, reason });
  }
}

export interface FakeNetwork {
  readonly openSocket: OpenSocket;
  /** Both ends of every connection opened so far. */
  readonly connections: { readonly client: FakeSocket; readonly server: FakeSocket }[];
}

/**
 * A network of one server. `accept` gets the server's end of each connection before the client hears that it is open.
 * Where it returns `refuse` the connection fails; where it returns `hang` it never opens.
 */
export function fakeNetwork(accept: (server: FakeSocket, url: string) => 'refuse' | 'hang' | undefined): FakeNetwork {
  const connections: FakeNetwork['connections'] = [];
  const openSocket = (url: string) => {
    const [client, server] = FakeSocket.pair();
    connections.push({ client, server });
    const answer = accept(server, url);
    if (answer === 'refuse') queueMicrotask(() => client.lose());
    if (!answer) queueMicrotask(() => client.open());
    return client;
  };
  return { openSocket, connections };
}
