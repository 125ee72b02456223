import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { drawLot } from '../../core/numbers/lots';
import { TIER_PATH } from '../../core/protocol/socket';

export interface LineOptions {
  /** Each way. */
  readonly kbitPerSecond?: number;
  /** Each way. */
  readonly delayMs?: number;
  /**
   * Of segments, those that are lost. Above TCP nothing is ever lost: what was is sent again once a time of the sender's
   * has passed, and all that comes after it waits. So that is what happens here.
   */
  readonly lossShare?: number;
  /** Connections that it concerns, by the beginning of what the client says: all by default. Others pass as they come. */
  readonly concerns?: (head: Buffer) => boolean;
}

/** What fits into a packet of Ethernet. */
const SEGMENT_BYTES = 1448;
/** The shortest time that Linux waits before it sends a segment again, in milliseconds; it doubles with each try. */
const RETRANSMISSION_MS = 200;

/** A bad line in front of a port of this machine. It takes at once what is sent into it, as the buffers of a real one do. */
export class Line {
  /** Bytes sent by clients, on connections that it concerns. */
  bytesUp = 0;
  #segments = 0;
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly options: LineOptions,
  ) {}

  static async before(port: number, options: LineOptions = {}): Promise<Line> {
    const server = createServer((near) => line.#join(near, connect(port, '127.0.0.1')));
    const line = new Line(server, options);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Of the tier behind it. */
  get url(): string {
    return `ws://127.0.0.1:${this.port}${TIER_PATH}`;
  }

  /** Breaks every connection, as a client that changes from one network to another. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  close(): void {
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(near: Socket, far: Socket): void {
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.setNoDelay().on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    near.once('data', (head) => {
      if (this.options.concerns?.(head) === false) {
        far.write(head);
        near.pipe(far).pipe(near);
        return;
      }
      const up = this.#wayTo(far);
      const down = this.#wayTo(near);
      const sendUp = (data: Buffer) => {
        this.bytesUp += data.byteLength;
        up(data);
      };
      sendUp(head);
      near.on('data', sendUp);
      far.on('data', down);
    });
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }

  /** Delivers what it is given late, in order. */
  #wayTo(socket: Socket): (data: Buffer) => void {
    const { kbitPerSecond = Number.POSITIVE_INFINITY, delayMs = 0 } = this.options;
    const underWay: { readonly arrivesAt: number; readonly segment: Buffer }[] = [];
    let [freeAt, arrivesAt] = [0, 0];
    const deliver = () => {
      for (let next = underWay[0]; next; next = underWay[0]) {
        const waitMs = next.arrivesAt - performance.now();
        if (waitMs > 0) return void setTimeout(deliver, waitMs);
        underWay.shift();
        socket.write(next.segment);
      }
    };
    return (data) => {
      const isIdle = underWay.length === 0;
      for (let from = 0; from < data.byteLength; from += SEGMENT_BYTES) {
        const segment = data.subarray(from, from + SEGMENT_BYTES);
        freeAt = Math.max(freeAt, performance.now()) + (8 * segment.byteLength) / kbitPerSecond;
        arrivesAt = Math.max(arrivesAt, freeAt + delayMs + this.#lostMs());
        underWay.push({ arrivesAt, segment });
      }
      if (isIdle) deliver();
    };
  }

  #lostMs(): number {
    const { lossShare = 0 } = this.options;
    const segment = this.#segments++;
    let lostMs = 0;
    for (let tries = 0; drawLot(segment, tries) < lossShare; tries++) lostMs += RETRANSMISSION_MS * 2 ** tries;
    return lostMs;
  }
}
