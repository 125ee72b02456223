import { PROTOCOL_VERSION } from '../../core/protocol/limits';
import { parseServerMessage, type ServerMessage } from '../../core/protocol/messages';
import type { Socket } from '../../core/protocol/socket';
import { openSocket } from '../web-socket';

/** What a client hears: a message, or the end of its socket. */
export type Heard = ServerMessage | { readonly type: 'closed'; readonly code: number; readonly reason: string };

/** A client that says what it is told to, right or wrong, and hears everything in order. */
export class TestClient {
  readonly #heard: Heard[] = [];
  readonly #listeners: ((heard: Heard) => void)[] = [];

  private constructor(private readonly socket: Socket) {
    socket.onmessage = ({ data }) => this.#hear(parseServerMessage(String(data)));
    socket.onclose = ({ code, reason }) => this.#hear({ type: 'closed', code, reason });
  }

  static connect(url: string): Promise<TestClient> {
    const socket = openSocket(url);
    return new Promise((resolve, reject) => {
      socket.onerror = () => undefined;
      socket.onclose = () => reject(new Error(`No socket was opened at ${url}.`));
      socket.onopen = () => resolve(new TestClient(socket));
    });
  }

  /** A client past its handshake. */
  static async greeted(url: string, modelHash: string, variant = 'q8'): Promise<TestClient> {
    const client = await TestClient.connect(url);
    client.send({ type: 'hello', protocol: PROTOCOL_VERSION, modelHash, variant, client: 'test' });
    const heard = await client.next();
    if (heard.type !== 'welcome') throw new Error(`not welcome: ${JSON.stringify(heard)}`);
    return client;
  }

  send(message: object | string | Uint8Array<ArrayBuffer>): void {
    const isRaw = typeof message === 'string' || message instanceof Uint8Array;
    this.socket.send(isRaw ? message : JSON.stringify(message));
  }

  close(): void {
    this.socket.close(1000, 'done');
  }

  /** The next thing heard that was not taken yet. */
  next(): Promise<Heard> {
    const heard = this.#heard.shift();
    return heard ? Promise.resolve(heard) : new Promise((resolve) => this.#listeners.push(resolve));
  }

  #hear(heard: Heard): void {
    const listener = this.#listeners.shift();
    if (listener) listener(heard);
    else this.#heard.push(heard);
  }
}
