import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROTOCOL_VERSION } from '../../../core/protocol/limits';
import { encodeMessage } from '../../../core/protocol/messages';
import { textFrame } from '../../../edge-server/testing/raw-frames';
import { rawUpgrade } from '../../../edge-server/testing/raw-upgrade';
import type { ServerProcess } from '../../../edge-server/testing/server-process';
import { variantFor } from '../climbs';
import { findings, type Scenario, unless } from '../scenario';
import type { Stage } from '../stage';

const MEGABYTE = 2 ** 20;
/** Five beats of the watch over sockets, of 7 s, and what it takes to fill the buffers of both kernels. */
const MOST_UNREAD_MS = 60_000;
const MOST_SILENT_MS = 15_000;
const PING = textFrame(encodeMessage({ type: 'ping', id: 1 }));
/** Pings in one piece. */
const MANY = Buffer.concat(Array.from({ length: 2000 }, () => PING));
/** What one client that reads nothing may cost, with what samples cost that others ask for meanwhile. */
const MOST_GROWTH_MB = 128;

export const neverReads: Scenario = {
  name: 'never-reads',
  about: 'a client asks on and on, and never reads an answer: it costs little, and is cut',
  async play(stage) {
    const edge = await stage.start();
    await stage.ask(edge.url).tally();
    const before = (await edge.health()).rssBytes;
    const startedAt = performance.now();
    const flooding = flood(await greeted(stage, edge));
    const trial = stage.ask(edge.url);
    let most = before;
    const isCut = async () => {
      const { rssBytes, sockets } = await edge.health();
      most = Math.max(most, rssBytes);
      return sockets.unread > 0;
    };
    const wasCut = await comesTrue(isCut, MOST_UNREAD_MS);
    const cutAfterMs = performance.now() - startedAt;
    await flooding;
    const grownMegabytes = (most - before) / MEGABYTE;
    const faults = [
      ...unless(wasCut, `it was not cut within ${MOST_UNREAD_MS / 1000} s`),
      ...unless(grownMegabytes <= MOST_GROWTH_MB, `the edge grew by ${grownMegabytes.toFixed(0)} MB`),
    ];
    return findings(await trial.tally(), { cutAfterMs, grownMegabytes }, faults);
  },
};

const hello = (stage: Stage) => {
  const { manifest } = stage.model;
  const said = { protocol: PROTOCOL_VERSION, modelHash: manifest.hash, variant: variantFor(manifest), client: 'test' };
  return textFrame(encodeMessage({ type: 'hello', ...said }));
};

/** A connection past its handshake, from which nothing has been read since. */
async function greeted(stage: Stage, edge: ServerProcess): Promise<Duplex> {
  const { connection } = await rawUpgrade(edge.url);
  if (!connection) throw new Error('The edge did not take a WebSocket.');
  connection.write(hello(stage));
  return connection;
}

/** Asks as much as the other side takes, until it ends. */
async function flood(connection: Duplex): Promise<void> {
  while (!connection.destroyed) {
    if (connection.write(MANY)) continue;
    await new Promise((resolve) => connection.once('drain', resolve).once('close', resolve));
  }
}

/** Of each kind. */
const TRICKLING = 40;

export const byteASecond: Scenario = {
  name: 'byte-a-second',
  about: `${3 * TRICKLING} clients that send a byte a second, of a request, a handshake or a sample: all are cut`,
  async play(stage) {
    const edge = await stage.start();
    const startedAt = performance.now();
    const each = (open: () => Promise<{ connection: Duplex; slowly: Buffer }>) =>
      Array.from({ length: TRICKLING }, () => open().then(trickle));
    const cut = Promise.all([
      ...each(async () => ({ connection: await dial(edge), slowly: Buffer.from(`GET ${'x'.repeat(100)}`) })),
      ...each(async () => {
        const { connection } = await rawUpgrade(edge.url);
        if (!connection) throw new Error('The edge did not take a WebSocket.');
        return { connection, slowly: hello(stage) };
      }),
      ...each(async () => ({ connection: await greeted(stage, edge), slowly: textFrame('x'.repeat(1000)) })),
    ]);
    const trial = stage.ask(edge.url);
    const wereCut = await Promise.race([cut.then(() => true), sleep(2 * MOST_SILENT_MS, false)]);
    const lastCutAfterMs = performance.now() - startedAt;
    const faults = [
      ...unless(wereCut, 'some were never cut'),
      ...unless(lastCutAfterMs <= MOST_SILENT_MS + 1000, `the last was cut after ${Math.round(lastCutAfterMs)} ms`),
    ];
    return findings(await trial.tally(), { lastCutAfterMs }, faults);
  },
};

async function dial({ port }: ServerProcess): Promise<Duplex> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Sends a byte a second, until the other side ends the connection. */
async function trickle({ connection, slowly }: { connection: Duplex; slowly: Buffer }): Promise<void> {
  connection.resume();
  let next = 0;
  const timer = setInterval(() => connection.write(slowly.subarray(next, ++next)), 1000);
  await new Promise((resolve) => connection.once('end', resolve).once('close', resolve));
  clearInterval(timer);
  connection.destroy();
}

/** Whether something comes true in time. */
async function comesTrue(isTrue: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  for (const startedAt = performance.now(); performance.now() - startedAt < withinMs; await sleep(250)) {
    if (await isTrue().catch(() => false)) return true;
  }
  return false;
}
