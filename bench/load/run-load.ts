import { setTimeout as sleep } from 'node:timers/promises';
import { DimeeError, messageOf } from '../../core/errors';
import { at } from '../../core/numbers/at';
import type { Hello } from '../../core/protocol/messages';
import { openSocket } from '../../edge-server/web-socket';
import { type ArrivalKind, arrivalsOf } from './arrivals';
import { LoadClient, type Outcome } from './load-client';
import type { LoadSample } from './samples';

/** In the place of a sample that its device answers by itself, and does not send. */
export const DECIDED_ON_DEVICE = 'decided on device';

export interface LoadPlan {
  readonly url: string;
  readonly hello: Omit<Hello, 'type' | 'protocol'>;
  readonly connections: number;
  /** Samples a second of all connections together. */
  readonly rate: number;
  readonly seconds: number;
  readonly arrivals: ArrivalKind;
  /** Milliseconds from when a sample is due to when its answer is of no more use. */
  readonly deadlineMs: number;
  readonly samples: readonly (LoadSample | typeof DECIDED_ON_DEVICE)[];
  readonly seed: number;
}

/** A sample that was due, and what became of it. */
export interface Asked {
  readonly client: number;
  readonly outcome: Outcome;
  /** From when it was due, not from when it was sent: who is late because earlier ones are slow is late. */
  readonly latencyMs: number;
  /** How late this program was itself. */
  readonly lateMs: number;
}

export interface LoadRun {
  readonly plan: Pick<LoadPlan, 'connections' | 'rate' | 'seconds' | 'deadlineMs'>;
  /** Connections that were let in. */
  readonly opened: number;
  /** Samples that were due and never sent, since their devices had decided them. */
  readonly onDevice: number;
  readonly asked: readonly Asked[];
}

/** Connections that are opened side by side. */
const OPENED_AT_ONCE = 50;
/** Milliseconds after the last deadline for which answers are still counted, as late. */
const GRACE_MS = 1000;

/** Offers a load, whatever the server makes of it. */
export async function runLoad(plan: LoadPlan): Promise<LoadRun> {
  const clients = await openClients(plan);
  const arrivals = arrivalsOf({ ...plan, kind: plan.arrivals, clients: plan.connections });
  const asked: Promise<Asked>[] = [];
  let onDevice = 0;
  const startedAt = performance.now();
  for (const [index, { atMs, client }] of arrivals.entries()) {
    const dueAt = startedAt + atMs;
    if (dueAt > performance.now()) await sleep(dueAt - performance.now());
    const lateMs = performance.now() - dueAt;
    const sample = at(plan.samples, index % plan.samples.length);
    if (sample === DECIDED_ON_DEVICE) {
      onDevice++;
      continue;
    }
    const outcome = clients[client]?.ask(sample, dueAt + plan.deadlineMs);
    const heard = outcome ?? Promise.resolve<Outcome>({ error: 'NOT_LET_IN' });
    asked.push(heard.then((told) => ({ client, outcome: told, latencyMs: performance.now() - dueAt, lateMs })));
  }
  await Promise.race([Promise.all(asked), sleep(plan.deadlineMs + GRACE_MS)]);
  for (const client of clients) client?.close();
  return { plan, opened: clients.filter(Boolean).length, onDevice, asked: await Promise.all(asked) };
}

/** @throws DimeeError `TIER_UNAVAILABLE` where none is let in, with what one of them was told. */
async function openClients({ connections, url, hello }: LoadPlan): Promise<(LoadClient | undefined)[]> {
  const clients: (LoadClient | undefined)[] = [];
  let told: unknown;
  const refused = (reason: unknown): undefined => void (told = reason);
  while (clients.length < connections) {
    const count = Math.min(OPENED_AT_ONCE, connections - clients.length);
    const opening = Array.from({ length: count }, () => LoadClient.open(url, hello, openSocket).catch(refused));
    clients.push(...(await Promise.all(opening)));
  }
  if (!clients.some(Boolean)) throw new DimeeError('TIER_UNAVAILABLE', `${url} lets nobody in: ${messageOf(told)}`);
  return clients;
}
