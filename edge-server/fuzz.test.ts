import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { fakeRequest } from '../core/testing/fake-ladder';
import { type Random, seededRandom } from '../core/testing/random';
import { DEFAULT_MODEL_FOLDER } from './configuration';
import { ModelFolder } from './model-folder';
import { nextJunk } from './testing/junk';
import { ServerProcess } from './testing/server-process';
import { type Heard, TestClient } from './testing/test-client';

/** `DIMEE_FUZZ_MESSAGES=100000` looks longer. */
const MESSAGES = Number(process.env.DIMEE_FUZZ_MESSAGES ?? 10_000);
const CLIENTS = 8;
const { manifest } = await ModelFolder.open(DEFAULT_MODEL_FOLDER);
// With a small young generation memory that is not given back shows: garbage does not pile up in front of it.
const server = await ServerProcess.start([], ['--max-semi-space-size=1']);
afterAll(() => server.stop());

const greeted = () => TestClient.greeted(server.url, manifest.hash);

/** Sends junk, then a ping, and hears what comes of it. */
async function outcomeOf(client: TestClient, random: Random): Promise<Heard[]> {
  for (const message of nextJunk(random)) client.send(message);
  client.send({ type: 'ping', id: 1 });
  const heard: Heard[] = [];
  do heard.push(await client.next());
  while (!heard.some(({ type }) => type === 'pong' || type === 'closed'));
  return heard;
}

/** Closed with the code of the protocol, after an error that says why; what ws refuses to read has a code of its own. */
function isExplained(heard: readonly Heard[]): boolean {
  const [end, before] = heard.toReversed();
  if (end?.type !== 'closed') return end?.type === 'pong';
  if (end.code === 1009 || end.code === 1007) return true;
  return end.code === 1002 && before?.type === 'error' && before.requestId === undefined && before.code === end.reason;
}

describe(`The server under ${MESSAGES} malformed, truncated, oversized and random messages`, () => {
  const rssBytes: number[] = [];
  const unexplained: Heard[][] = [];
  const heardOnce = new Set<string>();
  let sent = 0;

  async function misbehave(random: Random): Promise<void> {
    let client = await greeted();
    while (sent < MESSAGES) {
      sent++;
      const heard = await outcomeOf(client, random);
      for (const one of heard) heardOnce.add(one.type === 'error' ? one.code : one.type);
      if (!isExplained(heard)) unexplained.push(heard);
      if (heard.at(-1)?.type === 'closed') client = await greeted();
    }
    client.close();
  }

  async function behave(): Promise<void> {
    const client = await greeted();
    for (let requestId = 0; sent < MESSAGES; requestId++) {
      client.send({ type: 'infer', requestId, ...fakeRequest({ policy: { id: 'all-edge', parameters: {} } }) });
      expect(await client.next()).toMatchObject({ type: 'result', requestId });
      rssBytes.push((await server.health()).rssBytes);
      await setTimeout(100);
    }
    client.close();
  }

  test(
    'explains itself each time, goes on answering others, and grows no larger',
    { timeout: Math.max(120_000, 12 * MESSAGES) },
    async () => {
      await Promise.all([behave(), ...Array.from({ length: CLIENTS }, (_, seed) => misbehave(seededRandom(seed)))]);
      expect(unexplained).toEqual([]);
      expect([...heardOnce]).toEqual(expect.arrayContaining(['BAD_MESSAGE', 'BAD_FRAME', 'LIMIT_EXCEEDED', 'closed']));
      await expect.poll(async () => (await server.health()).connections).toBe(0);
      // The lows, after garbage collections. On a busy machine they differ by 60 MB; a leak of 10 kB a message would show as 100 MB.
      const third = Math.floor(rssBytes.length / 3);
      const growth = Math.min(...rssBytes.slice(-third)) - Math.min(...rssBytes.slice(0, third));
      expect(growth).toBeLessThan(80 * 2 ** 20);
    },
  );
});
