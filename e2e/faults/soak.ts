import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { mean } from 'd3-array';
import { at } from '../../core/numbers/at';
import type { ServerProcess } from '../../edge-server/testing/server-process';
import type { Findings } from './scenario';
import { unless } from './scenario';
import type { Stage } from './stage';
import { faultsOf, type Tally, together } from './trial';

/** Between two faults; those of the cloud, of the second edge and of the lines take turns. */
const FAULT_EVERY_MS = 15_000;
const MEASURED_EVERY_MS = 1000;
/** Samples that are asked for at a time; the next ones come when all are answered. */
const AT_A_TIME = 64;
const PAUSE_MS = 100;
/** Before it, caches fill and code is compiled: nothing of it counts. */
const WARM_UP_SHARE = 0.3;
/** What the lows of memory may differ by, from third to third: the noise of a runtime's collections. */
const NOISE_MB = 24;
const MEGABYTE = 2 ** 20;
const IDLE_WITHIN_MS = 10_000;

/** What one process holds. */
interface Held {
  readonly megabytes: number;
  readonly files: number;
}

/** An edge that lives through it all, under load, while the cloud and another edge are killed and clients' lines break. */
export async function soak(stage: Stage, minutes: number): Promise<Findings> {
  const held = ['--held-megabytes', '4'];
  let cloud = await stage.start(['--tier', 'cloud', ...held]);
  const edge = await stage.start(['--cloud-url', cloud.url, ...held]);
  let other = await stage.start(['--cloud-url', cloud.url, ...held]);
  const line = await stage.line(edge);
  const client = stage.client(line.url, other.url);
  const endsAt = performance.now() + 60_000 * minutes;
  const isOver = () => performance.now() >= endsAt;

  const tallies: Tally[] = [];
  const asking = async () => {
    for (let round = 0; !isOver(); round++) {
      const samples = stage.sampled(stage.known.length);
      const some = Array.from({ length: AT_A_TIME }, (_, index) =>
        at(samples, (round * AT_A_TIME + index) % samples.length),
      );
      tallies.push(await stage.askOf(client, some).tally());
      await sleep(PAUSE_MS);
    }
  };
  let faultsMade = 0;
  const breaking = async () => {
    const faults = [
      async () => (await cloud.stop('SIGKILL'), void (cloud = await stage.startAgain(cloud))),
      async () => (await other.stop('SIGKILL'), void (other = await stage.startAgain(other))),
      async () => line.reset(),
    ];
    for (await sleep(FAULT_EVERY_MS); !isOver(); await sleep(FAULT_EVERY_MS)) {
      await at(faults, faultsMade++ % faults.length)();
    }
  };
  const edgeHeld: Held[] = [];
  const ownHeld: Held[] = [];
  const measuring = async () => {
    for (; !isOver(); await sleep(MEASURED_EVERY_MS)) {
      edgeHeld.push(await heldBy(edge));
      ownHeld.push({ megabytes: process.memoryUsage().heapUsed / MEGABYTE, files: await filesOf(process.pid) });
    }
  };
  await Promise.all([asking(), breaking(), measuring()]);

  client.tier.close();
  const idle = await becomesIdle(edge);
  const tally = together(tallies);
  const growth = { edge: growthOf(edgeHeld), own: growthOf(ownHeld) };
  const files = { before: at(edgeHeld, 0).files, after: await filesOf(edge.pid) };
  const faults = [
    ...faultsOf(tally),
    ...unless(idle, `the edge is not idle after ${IDLE_WITHIN_MS / 1000} s`),
    ...unless(growth.edge.megabytes <= NOISE_MB, `the edge grew by ${growth.edge.megabytes.toFixed(1)} MB`),
    ...unless(growth.own.megabytes <= NOISE_MB, `the client grew by ${growth.own.megabytes.toFixed(1)} MB`),
    ...unless(files.after <= files.before, `the edge holds ${files.after} files, and ${files.before} at first`),
  ];
  const figures = {
    ...{ minutes, faultsMade, asked: tally.asked, answered: tally.answered },
    ...{ edgeGrowthMb: growth.edge.megabytes, edgeMbAMinute: growth.edge.aMinute },
    ...{ clientGrowthMb: growth.own.megabytes, clientMbAMinute: growth.own.aMinute },
    ...{ filesBefore: files.before, filesAfter: files.after },
  };
  return { figures, faults };
}

async function heldBy(server: ServerProcess): Promise<Held> {
  return { megabytes: (await server.health()).rssBytes / MEGABYTE, files: await filesOf(server.pid) };
}

/** Files, sockets and pipes that a process has open; 0 where the system does not tell. */
async function filesOf(pid = 0): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`).catch(() => [])).length;
}

/** From the lows of the first third after warming up to those of the last, and the slope through all. */
function growthOf(held: readonly Held[]): { readonly megabytes: number; readonly aMinute: number } {
  const settled = held.slice(Math.floor(held.length * WARM_UP_SHARE)).map(({ megabytes }) => megabytes);
  const third = Math.max(Math.floor(settled.length / 3), 1);
  const megabytes = Math.min(...settled.slice(-third)) - Math.min(...settled.slice(0, third));
  return { megabytes, aMinute: (slopeOf(settled) * 60_000) / MEASURED_EVERY_MS };
}

/** Least squares, a step. */
function slopeOf(values: readonly number[]): number {
  const [middle, level] = [(values.length - 1) / 2, mean(values) ?? Number.NaN];
  const across = values.reduce((sum, value, index) => sum + (index - middle) * (value - level), 0);
  return across / values.reduce((sum, _value, index) => sum + (index - middle) ** 2, 0);
}

/** Whether nothing is left of anybody: no connection, no sample, nothing running. */
async function becomesIdle(server: ServerProcess): Promise<boolean> {
  for (const startedAt = performance.now(); performance.now() - startedAt < IDLE_WITHIN_MS; await sleep(100)) {
    const { connections, inside, tiers } = await server.health();
    const running = Object.values(tiers).reduce((sum, tier) => sum + tier.running, 0);
    if (connections === 0 && inside.samples === 0 && running === 0) return true;
  }
  return false;
}
