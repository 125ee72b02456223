import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { readProxies } from './client-address';
import { Door, type DoorOptions } from './door';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function doorWith(options: Partial<DoorOptions> = {}) {
  const door = new Door({
    answer: (request, response) =>
      void text(request).then(
        (body) => response.end(`${request.method} ${request.url} ${body}`),
        () => undefined,
      ),
    upgrade: (_request, socket, _head, client) => socket.end(`HTTP/1.1 400 Bad Request\r\n\r\n${client}`),
    mostSockets: 100,
    mostSocketsPerAddress: 100,
    proxies: undefined,
    ...options,
  });
  await once(door.server.listen(0, '127.0.0.1'), 'listening');
  open.push(() => {
    door.server.close();
    door.server.closeAllConnections();
  });
  return door;
}

async function dial({ server }: Door, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', localAddress });
  socket.on('error', () => undefined);
  open.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Everything that is heard until the other side has ended. */
async function exchange(door: Door, ...sent: readonly string[]): Promise<string> {
  const socket = await dial(door);
  for (const piece of sent) socket.write(piece);
  return text(socket);
}

describe('A connection that asks for nothing', () => {
  test.each([
    ['says nothing', ''],
    ['does not end its headers', 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: '],
    ['does not send its body', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab'],
  ])('is cut and counted where it %s', async (_what, sent) => {
    const door = await doorWith({ requestMs: 60 });
    expect(await exchange(door, sent)).toContain('408 Request Timeout');
    await expect.poll(() => door.status).toEqual({ open: 0, unfinished: 1, crowded: 0 });
  });

  test('is told what was wrong with what it said', async () => {
    const door = await doorWith();
    expect(await exchange(door, 'nonsense\r\n\r\n')).toContain('400 Bad Request');
    expect(await exchange(door, `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toContain('431 ');
    expect(door.status.unfinished).toBe(0);
  });
});

describe('Sockets of one address', () => {
  test('are no more than its share, and leave room for another', async () => {
    const door = await doorWith({ mostSocketsPerAddress: 2 });
    const [first] = [await dial(door), await dial(door)];
    await expect.poll(() => door.status.open).toBe(2);
    expect(await text(await dial(door))).toBe('');
    expect(door.status).toMatchObject({ open: 2, crowded: 1 });
    const neighbour = await dial(door, '127.0.0.2');
    neighbour.write('GET /here HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(await text(neighbour)).toContain('GET /here');
    first?.destroy();
    await expect.poll(() => door.status.open).toBe(1);
    expect(await exchange(door, 'GET /again HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toContain('GET /again');
  });

  test('are not counted where it is a trusted proxy', async () => {
    const door = await doorWith({ mostSocketsPerAddress: 1, proxies: readProxies('127.0.0.1') });
    await dial(door);
    await dial(door);
    await expect.poll(() => door.status).toMatchObject({ open: 2, crowded: 0 });
  });
});

describe('An Upgrade header', () => {
  test('of WebSocket is a handshake, with who asks for it', async () => {
    const door = await doorWith();
    const answer = await exchange(
      door,
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n',
    );
    expect(answer).toMatch(/127\.0\.0\.1$/);
  });

  test.each(['h2c', 'TLS/1.0', 'h2c, websocket'])('of %s is as if it were not there', async (protocol) => {
    const door = await doorWith();
    const socket = await dial(door);
    const upgrade = `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\nHTTP2-Settings: AAMAAABk\r\n`;
    socket.write(`GET /page HTTP/1.1\r\nHost: a\r\n${upgrade}\r\n`);
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(String(first)).toMatch(/^HTTP\/1\.1 200 OK[^]*GET \/page/);
    // The connection goes on, as it would have.
    socket.write(`POST /more HTTP/1.1\r\nHost: a\r\n${upgrade}Content-Length: 4\r\n\r\nbo`);
    socket.write('dy');
    const [second] = (await once(socket, 'data')) as [Buffer];
    expect(String(second)).toContain('POST /more body');
    socket.write('GET /last HTTP/1.1\r\nHost: a\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n');
    expect(await text(socket)).toContain('GET /last');
    await expect.poll(() => door.status.open).toBe(0);
  });
});
