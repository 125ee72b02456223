import { availableParallelism } from 'node:os';
import { quantile } from 'd3-array';
import { type DueSample, firstCounted, simulate, type Site } from '../core/capacity/simulate';
import { at } from '../core/numbers/at';
import { BATCH_BOUNDS } from '../core/scheduling/companions';
import { ServerProcess } from '../edge-server/testing/server-process';
import type { Benchmark, Detail } from './benchmark';
import { measureCosts } from './capacity/measure-costs';
import { freeCores } from './free-cores';
import { arrivalsOf } from './load/arrivals';
import { readLoadOptions } from './load/load-options';
import { planLoad } from './load/prepare';
import { type Asked, DECIDED_ON_DEVICE, type LoadPlan, runLoad } from './load/run-load';
import type { LoadSample } from './load/samples';

/** Samples a second that are due where it is found how busy they keep the cores; about three in five cross. */
const PROBE_RATE = 30;
/** Of the cores, as the simulator has them at those rates. */
const BUSY = [0.4, 0.6, 0.8];
const SECONDS = 20;
const CLIENTS = 100;

/** What the simulated edge says of itself beside what this one does, on the same samples at the same moments. */
export const capacity: Benchmark = {
  name: 'capacity',
  about: 'the simulator of `npm run plan` against a real edge at three loads',
  async run() {
    const free = await freeCores();
    const costs = await measureCosts('q8');
    const server = await ServerProcess.start([]);
    const options = readLoadOptions([
      ...['--url', server.url, '--connections', `${CLIENTS}`, '--seconds', `${SECONDS}`, '--exits', 'recorded'],
      ...['--policy', 'confidence,mobileThreshold=0.9,edgeThreshold=0.9', '--deadline-ms', '5000'],
    ]);
    const plan = await planLoad(options);
    const clientMs = await clientMsEach({ ...plan, rate: PROBE_RATE });
    const site: Site = {
      ...{ edges: 1, replicas: 0, workers: availableParallelism(), plan: planOf(plan) },
      ...{ costs, bounds: BATCH_BOUNDS, clientMs },
    };
    const { busiest } = simulate(site, dueSamples({ ...plan, rate: PROBE_RATE }));
    const rates = BUSY.map((share) => Math.round((PROBE_RATE * share) / busiest));
    const loads = [];
    for (const rate of rates) loads.push(await compared({ ...plan, rate }, site));
    await server.stop();
    const off = loads.map(({ simulated, real }) => Math.abs(simulated.p95Ms / real.p95Ms - 1));
    return {
      claim: 'the simulator foresees the 95th percentile of a real edge at three loads',
      value: 100 * Math.max(...off),
      bound: 20,
      unit: '% off at most',
      details: {
        ...Object.fromEntries(
          loads.flatMap(({ rate, simulated, real, unanswered }): [string, Detail][] => [
            [`simulatedMsAt${rate}`, simulated],
            [`realMsAt${rate}`, real],
            [`unansweredAt${rate}`, unanswered],
          ]),
        ),
        costs: { ...costs },
        clientMs,
        freeCores: Number(free.toFixed(2)),
      },
    };
  },
};

/** Milliseconds of a core that this program takes, a sample: it runs on the cores that it measures. */
async function clientMsEach(load: LoadPlan): Promise<number> {
  const before = process.cpuUsage();
  const { asked } = await runLoad(load);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / asked.length;
}

/** Both from when this program sent a sample, which may be later than it was due, and without the first. */
async function compared(load: LoadPlan, site: Site) {
  const { asked } = await runLoad(load);
  const simulated = simulate(site, sentSamples(load, asked));
  const answered = asked.slice(firstCounted(asked.length)).filter(({ outcome }) => outcome.error === undefined);
  const latencies = answered.map(({ latencyMs, lateMs }) => latencyMs - lateMs);
  const real = (share: number) => quantile(latencies, share) ?? Number.NaN;
  return {
    rate: load.rate,
    simulated: { p50Ms: simulated.p50Ms, p95Ms: simulated.p95Ms, p99Ms: simulated.p99Ms },
    real: { p50Ms: real(0.5), p95Ms: real(0.95), p99Ms: real(0.99) },
    /** Refused, or too late: not among the real ones, while the simulator answers all. */
    unanswered: asked.filter(({ outcome }) => outcome.error !== undefined).length,
  };
}

/** The samples of a load that were sent, when they were. */
function sentSamples(load: LoadPlan, asked: readonly Asked[]): DueSample[] {
  return dueSamples(load).map((sample, index) => ({ ...sample, atMs: sample.atMs + at(asked, index).lateMs }));
}

/** The samples of a load that cross, as the simulator takes them. */
function dueSamples(load: LoadPlan): DueSample[] {
  const arrivals = arrivalsOf({ ...load, kind: load.arrivals, clients: load.connections });
  return arrivals.flatMap(({ atMs, client }, index) => {
    const sample = at(load.samples, index % load.samples.length);
    return sample === DECIDED_ON_DEVICE ? [] : [{ atMs, client, ...sizeOf(sample) }];
  });
}

function sizeOf({ request: { input, policy } }: LoadSample) {
  if (input.kind !== 'hiddenState') throw new Error('Only samples that cross as hidden states are simulated.');
  return { tokens: input.state.tokens, exitLayer: policy.parameters.depth ?? NaN };
}

function planOf({ samples }: LoadPlan): Site['plan'] {
  const sample = samples.find((one) => one !== DECIDED_ON_DEVICE);
  if (!sample) throw new Error('No sample crosses.');
  return sample.request.plan;
}
