import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Hello } from '../core/protocol/messages';
import { ServerProcess } from '../edge-server/testing/server-process';
import { openSocket } from '../edge-server/web-socket';
import type { Benchmark } from './benchmark';
import { findCapacity } from './load/capacity';
import { LoadClient } from './load/load-client';
import { readLoadOptions } from './load/load-options';
import { reportOn } from './load/load-report';
import { planLoad } from './load/prepare';
import { runLoad } from './load/run-load';

const CONNECTIONS = 2000;
const ACTIVE = 200;
/** Of the capacity, what the active ones ask for. */
const SHARE = 0.7;
const SECONDS = 10;
/** A probe of the capacity. */
const PROBE_SECONDS = 4;
const FIRST_RATE = 20;
const DEADLINE_MS = 2000;
const KILOBYTE = 1024;
/** Opened and closed before, so that what is made once for all is there. */
const WARM_UP = 200;
const SETTLING_MS = 3000;

/** Many connections of which few ask for anything: what the others cost, and whether they are in the way. */
export const connections: Benchmark = {
  name: 'connections',
  about: `${CONNECTIONS} connections: what an idle one costs, and whether ${ACTIVE} active ones are all answered`,
  async run() {
    // With a small young generation garbage does not pile up in front of what is kept.
    const server = await ServerProcess.start(['--metrics', 'here'], ['--max-semi-space-size=1']);
    const options = readLoadOptions([
      ...['--url', server.url, '--connections', `${ACTIVE}`, '--rate', '1', '--seconds', `${PROBE_SECONDS}`],
      ...['--deadline-ms', `${DEADLINE_MS}`, '--lengths', 'glue'],
    ]);
    const plan = await planLoad(options);
    for (const client of await open(server, plan.hello, WARM_UP)) client.close();
    await sleep(SETTLING_MS);
    const before = await memoryOf(server);
    const idle = await open(server, plan.hello, CONNECTIONS - ACTIVE);
    await sleep(SETTLING_MS);
    const after = await memoryOf(server);
    const each = (of: keyof Memory) => (after[of] - before[of]) / idle.length;
    // Memory that the process had already shows in the heap alone, and what is beside the heap in the process alone.
    const bytesPerIdleConnection = Math.max(each('rssBytes'), each('heapBytes'));
    const probe = async (rate: number) => reportOn(await runLoad({ ...plan, rate }));
    const { ratePerS } = await findCapacity(FIRST_RATE, probe);
    const report = reportOn(await runLoad({ ...plan, rate: SHARE * ratePerS, seconds: SECONDS }));
    const stillOpen = (await server.health()).connections;
    for (const client of idle) client.close();
    await server.stop();
    const errors = report.offered - report.answered;
    return {
      claim: `an idle connection costs little, and beside ${CONNECTIONS - ACTIVE} of them ${ACTIVE} are all answered at ${100 * SHARE} % of capacity`,
      value: errors > 0 || stillOpen < idle.length ? Number.POSITIVE_INFINITY : bytesPerIdleConnection,
      bound: 12 * KILOBYTE,
      unit: 'bytes of memory for an idle connection',
      details: {
        bytesPerIdleConnection,
        processBytesPerIdleConnection: each('rssBytes'),
        heapBytesPerIdleConnection: each('heapBytes'),
        connections: idle.length + ACTIVE,
        stillOpen,
        capacityPerS: ratePerS,
        offered: report.offered,
        errors,
        reasons: report.errors,
        p99Ms: report.p99Ms ?? 'nobody was answered',
        loadAverage: loadavg()[0] ?? 0,
      },
    };
  },
};

function open({ url }: ServerProcess, hello: Omit<Hello, 'type' | 'protocol'>, count: number): Promise<LoadClient[]> {
  return Promise.all(Array.from({ length: count }, () => LoadClient.open(url, hello, openSocket)));
}

interface Memory {
  readonly rssBytes: number;
  readonly heapBytes: number;
}

async function memoryOf(server: ServerProcess): Promise<Memory> {
  const text = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  const heapBytes = Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(text)?.[1]);
  return { rssBytes: (await server.health()).rssBytes, heapBytes };
}
