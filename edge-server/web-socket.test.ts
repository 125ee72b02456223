import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { ClientSocket } from '../core/protocol/connection';
import { LIMITS } from '../core/protocol/limits';
import { textFrame } from './testing/raw-frames';
import { rawUpgrade } from './testing/raw-upgrade';
import { openSocket, SocketAcceptor, type SocketListener } from './web-socket';

const open: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function listen(accept: (socket: ClientSocket, holder: string) => SocketListener, heartbeatMs = 7000) {
  const acceptor = new SocketAcceptor(accept, { heartbeatMs });
  const server = createServer().on('upgrade', (...upgrade) => acceptor.upgrade(...upgrade, 'somebody'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  open.push(async () => {
    server.close();
    await acceptor.close(1001, 'done');
  });
  return { acceptor, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('SocketAcceptor', () => {
  test('cuts a socket that answers nothing, and keeps one that is only silent', async () => {
    const ends: string[] = [];
    const { acceptor, url } = await listen(() => ({ receive: () => undefined, closed: () => ends.push('closed') }), 60);
    const silent = openSocket(url);
    open.push(() => silent.close());
    const { connection } = await rawUpgrade(url);
    open.push(() => void connection?.destroy());
    await expect.poll(() => acceptor.connections).toBe(2);
    await setTimeout(300);
    expect([acceptor.connections, ends]).toEqual([1, ['closed']]);
  });

  test('keeps a socket whose long message is slow to come', async () => {
    const { acceptor, url } = await listen(() => ({ receive: () => undefined, closed: () => undefined }), 60);
    const { connection } = await rawUpgrade(url);
    open.push(() => void connection?.destroy());
    connection?.write(textFrame('x'.repeat(60_000)).subarray(0, 50));
    for (let step = 0; step < 10; step++) {
      await setTimeout(30);
      connection?.write('x'.repeat(4000));
    }
    expect(acceptor.connections).toBe(1);
  });

  test('cuts a socket from which a byte comes now and then', async () => {
    const { acceptor, url } = await listen(() => ({ receive: () => undefined, closed: () => undefined }), 60);
    const { connection } = await rawUpgrade(url);
    open.push(() => void connection?.destroy());
    const message = textFrame('x'.repeat(1000));
    let next = 0;
    const trickling = setInterval(() => connection?.write(message.subarray(next, ++next)), 10);
    open.push(() => clearInterval(trickling));
    await expect.poll(() => acceptor.cut).toEqual({ silent: 1, unread: 0 });
    expect(next).toBeGreaterThan(1);
  });

  test('reads one message of a client in each turn of the loop, however many come in one piece', async () => {
    let turn = 0;
    const turns: number[] = [];
    const { url } = await listen(() => ({ receive: () => turns.push(turn), closed: () => undefined }));
    const next = () => (turn++, counting && setImmediate(next));
    let counting = true;
    open.push(() => void (counting = false));
    const { connection } = await rawUpgrade(url);
    open.push(() => void connection?.destroy());
    next();
    connection?.write(Buffer.concat(Array.from({ length: 50 }, () => textFrame('short'))));
    await expect.poll(() => turns.length).toBe(50);
    expect(new Set(turns).size).toBe(50);
  });

  test.each(['dimee.v1, token-of-mine', 'token-of-mine, dimee.v1', 'dimee.v2,dimee.v1'])(
    'chooses dimee.v1 wherever it stands among %s',
    async (offered) => {
      const { url } = await listen(() => ({ receive: () => undefined, closed: () => undefined }));
      const { protocol, connection } = await rawUpgrade(url, { 'Sec-WebSocket-Protocol': offered });
      connection?.destroy();
      expect(protocol).toBe('dimee.v1');
    },
  );

  test('does not listen to a client that does not read what it asked for, until it does', async () => {
    let received = 0;
    const { url } = await listen((socket) => ({
      receive: () => {
        received++;
        socket.send('x'.repeat(100_000));
      },
      closed: () => undefined,
    }));
    const { connection } = await rawUpgrade(url);
    open.push(() => void connection?.destroy());
    const asked = 1000;
    for (let index = 0; index < asked; index++) {
      connection?.write(textFrame('more'));
      // What has arrived in one piece is heard out.
      if (index % 50 === 0) await setTimeout(5);
    }
    await setTimeout(100);
    expect(received).toBeGreaterThan(0);
    expect(received).toBeLessThan(asked / 2);
    connection?.resume();
    await expect.poll(() => received).toBe(asked);
  });

  test('cuts a client that never reads what it asked for', async () => {
    const { acceptor, url } = await listen(
      (socket) => ({ receive: () => socket.send('x'.repeat(100_000)), closed: () => undefined }),
      40,
    );
    const { connection } = await rawUpgrade(url);
    open.push(() => void connection?.destroy());
    // Until the buffers of both kernels are full.
    const asking = setInterval(() => connection?.write(textFrame('more')), 2);
    open.push(() => clearInterval(asking));
    await expect.poll(() => acceptor.cut, { timeout: 10_000 }).toEqual({ silent: 0, unread: 1 });
    expect(acceptor.connections).toBe(0);
  });

  test('ER7: takes a message in pieces, and not in any number of them', async () => {
    const heard: unknown[] = [];
    const { acceptor, url } = await listen(() => ({ receive: (data) => heard.push(data), closed: () => undefined }));
    const pieces = (count: number) =>
      Buffer.concat(
        Array.from({ length: count }, (_, index) => {
          const isLast = index === count - 1;
          return Buffer.from([(isLast ? 0x80 : 0) | (index === 0 ? 1 : 0), 0x81, 0, 0, 0, 0, 0x78]);
        }),
      );
    const { connection } = await rawUpgrade(url);
    open.push(() => void connection?.destroy());
    connection?.write(pieces(LIMITS.maxFragments));
    await expect.poll(() => heard).toEqual(['x'.repeat(LIMITS.maxFragments)]);
    const answered = new Promise<Buffer>((resolve) => connection?.once('data', resolve));
    connection?.write(pieces(LIMITS.maxFragments + 1));
    expect((await answered).readUInt16BE(2)).toBe(1008);
    await expect.poll(() => acceptor.connections).toBe(0);
    expect(heard).toHaveLength(1);
  });

  test('reads text as text, binary as bytes, counts the latter, and says whose it is', async () => {
    const heard: unknown[] = [];
    const { acceptor, url } = await listen((_socket, holder) => ({
      receive: (data) => heard.push(holder, typeof data === 'string' ? data : [...data]),
      closed: () => undefined,
    }));
    const socket = openSocket(url);
    open.push(() => socket.close());
    await new Promise<void>((resolve) => (socket.onopen = () => resolve()));
    socket.send('naïve');
    socket.send(Uint8Array.of(1, 2, 255));
    socket.send('');
    await expect.poll(() => heard).toEqual(['somebody', 'naïve', 'somebody', [1, 2, 255], 'somebody', '']);
    expect(acceptor.binaryMessages).toBe(1);
  });
});
