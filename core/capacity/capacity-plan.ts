import { at } from '../numbers/at';
import { drawLot } from '../numbers/lots';
import { type DueSample, simulate, type SimulatedRun, type Site } from './simulate';

/** What the machines are to bear. */
export interface Demand {
  /** Sentences a second, of each user. */
  readonly ratePerUser: number;
  /** Within which 95 of 100 samples that cross are to be answered, without the network. */
  readonly p95Ms: number;
  /** Recorded samples, of which as many cross as do here. */
  readonly rows: readonly { readonly tokens: number; readonly exitLayer: number }[];
}

/** What one machine bears, and how many of the cloud there must be for one of the edges. */
export interface SiteCapacity {
  /** Of all sentences, the share that the devices do not decide. */
  readonly crossing: number;
  /** Samples a second that cross to one edge. */
  readonly ratePerEdge: number;
  readonly usersPerEdge: number;
  /** 0 where the edges run the cloud's layers. */
  readonly replicasPerEdge: number;
  /** At that rate. */
  readonly run: SimulatedRun;
}

/** Machines for so many users. */
export interface Machines {
  readonly users: number;
  readonly edges: number;
  readonly replicas: number;
}

/** Edges that are simulated side by side where the cloud stands apart: with one, a replica would be one for one. */
const EDGES_TOGETHER = 4;
/** Samples of a simulated run. */
const SAMPLES = 4000;
/** Busier cores keep a queue that grows for longer than any run that is simulated. */
const MOST_BUSY = 0.95;
/** The rate found is the true one to within this share. */
const PRECISION = 0.02;

/**
 * The most that a site bears, found by simulating it at one rate after the other.
 * @throws RangeError where even a sample alone takes longer than that, or none of the rows crosses.
 */
export function siteCapacity(site: Omit<Site, 'edges' | 'replicas'>, isApart: boolean, demand: Demand): SiteCapacity {
  const crossingRows = demand.rows.filter(({ exitLayer }) => exitLayer > site.plan.mobileLayers);
  if (crossingRows.length === 0)
    throw new RangeError('The devices decide all of the recorded samples: no edge is needed.');
  const edges = isApart ? EDGES_TOGETHER : 1;
  const runAt = (rate: number, replicas: number) =>
    simulate({ ...site, edges, replicas }, poissonSamples(crossingRows, edges * rate));
  const bears = (rate: number, replicas: number) => {
    const { p95Ms, busiest } = runAt(rate, replicas);
    return p95Ms <= demand.p95Ms && busiest <= MOST_BUSY;
  };
  const most = isApart ? EDGES_TOGETHER : 0;
  const ratePerEdge = greatest((rate) => bears(rate, most));
  const replicas = isApart ? fewest(most, (count) => bears(ratePerEdge, count)) : 0;
  const crossing = crossingRows.length / demand.rows.length;
  return {
    ...{ crossing, ratePerEdge, replicasPerEdge: replicas / edges },
    usersPerEdge: ratePerEdge / (demand.ratePerUser * crossing),
    run: runAt(ratePerEdge, replicas),
  };
}

/** How many machines so many users need, without any to spare. */
export function machinesFor(users: number, { usersPerEdge, replicasPerEdge }: SiteCapacity): Machines {
  const edges = Math.max(Math.ceil(users / usersPerEdge), 1);
  return { users, edges, replicas: Math.ceil(edges * replicasPerEdge) };
}

/** Samples that many users send at random, each a user's only one for now. */
function poissonSamples(rows: Demand['rows'], rate: number): DueSample[] {
  let atMs = 0;
  return Array.from({ length: SAMPLES }, (_, index) => {
    atMs -= (1000 / rate) * Math.log(1 - drawLot(7, index, 0));
    const { tokens, exitLayer } = at(rows, Math.floor(drawLot(7, index, 1) * rows.length));
    return { atMs, client: index, tokens, exitLayer };
  });
}

/** The greatest rate that is borne: doubled until one is not, and then halving the gap. */
function greatest(isBorne: (rate: number) => boolean): number {
  let [kept, missed] = [0, Number.POSITIVE_INFINITY];
  for (let rate = 1; missed > kept * (1 + PRECISION); rate = missed === Infinity ? 2 * rate : (kept + missed) / 2) {
    if (isBorne(rate)) kept = rate;
    else missed = rate;
    if (missed <= 1) throw new RangeError('Even at a sample a second it takes longer than that. Allow more time.');
  }
  return kept;
}

function fewest(most: number, isEnough: (count: number) => boolean): number {
  let count = most;
  while (count > 1 && isEnough(count - 1)) count--;
  return count;
}
