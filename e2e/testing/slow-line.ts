import { createServer, connect, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';

const SLICE_MS = 10;

/**
 * A line of so many bits a second in front of a port, for connections that ask for a tier; all others pass as they come.
 * What is sent into it is taken at once, as the buffers of a real line do, and leaves in order.
 */
export class SlowLine {
  /** Bytes that the page has sent to the tier. */
  bytesUp = 0;

  private constructor(
    private readonly server: TcpServer,
    private readonly sockets: Set<Socket>,
  ) {}

  static async before(port: number, kbitPerSecond: number): Promise<SlowLine> {
    const sockets = new Set<Socket>();
    const bytesPerMs = kbitPerSecond / 8;
    const server = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
      near.once('data', (head) => {
        far.write(head);
        if (head.includes('GET /v1/tier')) {
          trickle(near, far, bytesPerMs, (bytes) => (line.bytesUp += bytes));
          trickle(far, near, bytesPerMs);
        } else near.pipe(far).pipe(near);
      });
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
    });
    const line = new SlowLine(server, sockets);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}/`;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

function trickle(from: Socket, to: Socket, bytesPerMs: number, counted?: (bytes: number) => void): void {
  let waiting: Buffer = Buffer.alloc(0);
  from.on('data', (data) => {
    counted?.(data.byteLength);
    waiting = Buffer.concat([waiting, data]);
  });
  const timer = setInterval(() => {
    const slice = waiting.subarray(0, Math.ceil(bytesPerMs * SLICE_MS));
    waiting = waiting.subarray(slice.byteLength);
    if (slice.byteLength > 0) to.write(slice);
  }, SLICE_MS);
  to.on('close', () => clearInterval(timer));
}
