import { setTimeout as sleep } from 'node:timers/promises';
import { type Benchmark, median } from './benchmark';
import { edgeRows, TO_THE_TOP } from './edge/edge-rows';
import { EdgeUnderLoad } from './edge/edge-under-load';
import { freeCores } from './free-cores';
import type { LoadClient } from './load/load-client';
import type { LoadSample } from './load/samples';

const GREEDY = 9;
/** What a client may have in flight. */
const WINDOW = 32;
const ROUNDS = 200;
/** Between the answer that a light client gets and what it asks next. */
const PAUSE_MS = 20;
const DEADLINE_MS = 60_000;

/** A client that asks for one sample at a time, beside clients that always have as many in flight as they may. */
export const fairness: Benchmark = {
  name: 'fairness',
  about: `a client with one sentence at a time beside ${GREEDY} that keep ${WINDOW} in flight, and beside one file`,
  async run() {
    const free = await freeCores();
    const rows = await edgeRows('q8', TO_THE_TOP);
    const edge = await EdgeUnderLoad.start('q8', []);
    await edge.run(rows, ROUNDS, 1);
    const alone = await medianOfLight(edge, rows);
    const beside = await besideGreedy(edge, rows, GREEDY);
    const besideFile = await besideGreedy(edge, rows, 1);
    await edge.stop();
    return {
      claim: `beside ${GREEDY} greedy clients a light one waits at most three times as long as alone`,
      value: beside / alone,
      bound: 3,
      unit: 'times its median alone',
      details: {
        lightOverAlone: beside / alone,
        interactiveOverAlone: besideFile / alone,
        aloneMs: alone,
        besideMs: beside,
        besideFileMs: besideFile,
        freeCores: Number(free.toFixed(2)),
      },
    };
  },
};

async function besideGreedy(edge: EdgeUnderLoad, rows: readonly LoadSample[], count: number): Promise<number> {
  const clients = await Promise.all(Array.from({ length: count }, () => edge.client()));
  let isOver = false;
  let next = 0;
  const keepAsking = async (client: LoadClient) => {
    while (!isOver) await untilAnswered(client, rows[next++ % rows.length]);
  };
  const greedy = Promise.all(clients.flatMap((client) => Array.from({ length: WINDOW }, () => keepAsking(client))));
  await sleep(1000);
  const found = await medianOfLight(edge, rows);
  isOver = true;
  await greedy;
  for (const client of clients) client.close();
  return found;
}

async function medianOfLight(edge: EdgeUnderLoad, rows: readonly LoadSample[]): Promise<number> {
  const client = await edge.client();
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await sleep(PAUSE_MS);
    const startedAt = performance.now();
    await untilAnswered(client, rows[round % rows.length]);
    taken.push(performance.now() - startedAt);
  }
  client.close();
  return median(taken);
}

/** Asked again when the edge says so, as a page does. */
async function untilAnswered(client: LoadClient, sample: LoadSample | undefined): Promise<void> {
  if (!sample) throw new Error('There is no sample to send.');
  for (;;) {
    const outcome = await client.ask(sample, performance.now() + DEADLINE_MS);
    if (outcome.error === undefined) return;
    if (outcome.error !== 'OVERLOADED') throw new Error(`A sample was not answered: ${outcome.error}.`);
    await sleep(outcome.retryAfterMs ?? 0);
  }
}
