import { quantile } from 'd3-array';
import { DEFAULT_MODEL_FOLDER } from '../edge-server/configuration';
import { EVENT_LOOP_LOOKS_MS } from '../edge-server/operations/metrics';
import { ServerProcess } from '../edge-server/testing/server-process';
import type { Benchmark } from './benchmark';
import { freeCores } from './free-cores';
import { readLoadOptions } from './load/load-options';
import { planLoad } from './load/prepare';
import { type Asked, type LoadPlan, runLoad } from './load/run-load';

const CLIENTS = 64;
const SECONDS = 10;
const DEADLINE_MS = 1000;
/** Samples a second that are offered to find the most that are answered in time. */
const PROBES = [120, 160, 200, 240, 280];
const TIMES = 3;

/** Three times what the edge can do, in coded payloads: what is answered in time, and how soon it says no. */
export const overload: Benchmark = {
  name: 'overload',
  about: `${TIMES} times the load that an edge can bear, of ${CLIENTS} clients with coded payloads`,
  async run() {
    const free = await freeCores();
    const server = await ServerProcess.start(['--metrics', 'here']);
    const options = readLoadOptions([
      ...['--url', server.url, '--connections', `${CLIENTS}`, '--seconds', `${SECONDS}`, '--exits', 'recorded'],
      ...['--policy', 'confidence', '--payload', 'coded96', '--deadline-ms', `${DEADLINE_MS}`],
      ...['--model', DEFAULT_MODEL_FOLDER],
    ]);
    const plan = await planLoad(options);
    // All of it reaches the edge.
    const sent = plan.samples.filter((sample) => typeof sample !== 'string');
    const offer = (rate: number) => offered({ ...plan, samples: sent, rate });
    await offer(PROBES[0] ?? 0);
    let peak = 0;
    for (const rate of PROBES) peak = Math.max(peak, (await offer(rate)).goodput);
    const over = await offer(TIMES * peak);
    const lagMs = await eventLoopLagMs(server);
    await server.stop();
    return {
      claim: 'an edge offered three times what it can do answers in time what it could at its best',
      value: peak / over.goodput,
      bound: 1 / 0.95,
      unit: 'times as many in time at its best',
      details: {
        goodputOverPeak: over.goodput / peak,
        peakPerS: peak,
        goodputPerS: over.goodput,
        offeredPerS: TIMES * peak,
        refusalP99Ms: over.refusalP99Ms,
        waitsToldMs: over.waitsToldMs,
        eventLoopLagP99Ms: lagMs,
        freeCores: Number(free.toFixed(2)),
      },
    };
  },
};

async function offered(plan: LoadPlan) {
  const { asked } = await runLoad(plan);
  const inTime = asked.filter(({ outcome, latencyMs }) => outcome.error === undefined && latencyMs <= DEADLINE_MS);
  const refused = asked.filter(({ outcome }) => outcome.error === 'OVERLOADED');
  const waits = refused.flatMap(({ outcome }) => ('retryAfterMs' in outcome ? (outcome.retryAfterMs ?? []) : []));
  return {
    goodput: inTime.length / plan.seconds,
    refusalP99Ms: quantile(refused, 0.99, ({ latencyMs, lateMs }: Asked) => latencyMs - lateMs) ?? Number.NaN,
    waitsToldMs: { p5: quantile(waits, 0.05) ?? Number.NaN, p95: quantile(waits, 0.95) ?? Number.NaN },
  };
}

/** How long the thread of the server's sockets was held up so far, the 99th percentile. */
async function eventLoopLagMs({ port }: ServerProcess): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return 1000 * Number(/^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(text)?.[1]) - EVENT_LOOP_LOOKS_MS;
}
