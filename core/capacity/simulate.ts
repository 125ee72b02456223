import { mean, quantile } from 'd3-array';
import { at } from '../numbers/at';
import { drawLot } from '../numbers/lots';
import type { Plan } from '../layers';
import type { BatchBounds } from '../scheduling/companions';
import { Box } from './box';
import type { BoxCosts } from './box-costs';
import { SimulatedClock } from './clock';

/** Machines that serve together. */
export interface Site {
  readonly edges: number;
  /** Of the cloud, each on a machine of its own; 0 where each edge runs the cloud's layers, too. */
  readonly replicas: number;
  /** Workers a machine, one a core. */
  readonly workers: number;
  readonly costs: BoxCosts;
  readonly plan: Plan;
  readonly bounds: BatchBounds;
  /** Milliseconds of an edge's cores that who sends takes for a sample, where that runs on the same machine. */
  readonly clientMs?: number;
}

/** A sample that reaches the edges: after the device's layers. */
export interface DueSample {
  readonly atMs: number;
  /** Whose it is: who sends several takes turns with others. */
  readonly client: number;
  readonly tokens: number;
  readonly exitLayer: number;
}

export interface SimulatedRun {
  /** From when a sample comes to its answer, without the network. */
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Of the time of the busiest machine's cores until the last sample came, the share that was spent. */
  readonly busiest: number;
}

/** Of so many samples the first that counts: those before it come while the machines fill up. */
export const firstCounted = (samples: number): number => Math.floor(0.2 * samples);

/**
 * Discrete-event simulation of a site. Each client's samples go to one edge, drawn by lot, and from an edge to the replicas
 * in turn.
 * @param samples at least one, in order of time.
 */
export function simulate(site: Site, samples: readonly DueSample[]): SimulatedRun {
  const { edges, replicas, workers, costs, plan, bounds, clientMs = 0 } = site;
  const clock = new SimulatedClock();
  const lastMs = Math.max(at(samples, samples.length - 1).atMs, 1);
  const boxes = (count: number) => Array.from({ length: count }, () => new Box({ clock, workers, costs, bounds }));
  const [atEdges, atReplicas] = [boxes(edges), boxes(replicas)];
  const clients = new Map<number, object>();
  const latencies: number[] = [];
  let handedOn = 0;
  for (const [index, { atMs, client, tokens, exitLayer }] of samples.entries()) {
    const identity = clients.get(client) ?? {};
    clients.set(client, identity);
    const climber = { client: identity, tokens, exitLayer };
    const edge = at(atEdges, Math.floor(drawLot(client, 0, 5) * edges));
    const answer = () => {
      if (index >= firstCounted(samples.length)) latencies.push(clock.now - atMs);
    };
    const leaveFrom = (box: Box) => () => box.readOrAnswer(() => edge.sendOrHear(clientMs / 2, answer));
    const handOn = () => {
      const climb = (box: Box) => box.climb(climber, plan.edgeLayers + 1, Number.POSITIVE_INFINITY, leaveFrom(box));
      if (replicas === 0) return climb(edge);
      const replica = at(atReplicas, handedOn++ % replicas);
      replica.readOrAnswer(() => climb(replica));
    };
    const enter = () => {
      const first = plan.mobileLayers + 1;
      const leave = exitLayer > plan.edgeLayers ? handOn : leaveFrom(edge);
      if (first <= plan.edgeLayers) edge.climb(climber, first, plan.edgeLayers, leave);
      else leave();
    };
    clock.after(atMs, () => edge.sendOrHear(clientMs / 2, () => edge.readOrAnswer(enter)));
  }
  clock.run();
  const mostMs = Math.max(...[...atEdges, ...atReplicas].map(({ busyMs }) => busyMs));
  const quantileOf = (share: number) => quantile(latencies, share) ?? Number.NaN;
  return {
    meanMs: mean(latencies) ?? Number.NaN,
    ...{ p50Ms: quantileOf(0.5), p95Ms: quantileOf(0.95), p99Ms: quantileOf(0.99) },
    busiest: mostMs / (workers * lastMs),
  };
}
