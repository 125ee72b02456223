import { type Energy, modelEnergy } from './energy';
import type { Equipment } from './equipment';
import { type Journey, modelJourney } from './journey';
import { type Component, mixtureQuantile } from '../numbers/mixture';
import type { Access } from './profiles';

/** What a run of samples is modelled to take over one network; a sample's mean unless it says otherwise. */
export interface NetworkRun {
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly energy: Energy;
}

/** A journey that so many samples make. */
interface Group {
  readonly journey: Journey;
  count: number;
}

/**
 * Models every journey. The quantiles are those of the mixture over samples, the round trip of each that crosses taken as
 * normal about its mean with the link's jitter as deviation. All numbers are NaN without journeys.
 */
export function modelRun(journeys: Iterable<Journey>, equipment: Equipment, access: Access | undefined): NetworkRun {
  const sums = { rows: 0, latency: 0, up: 0, down: 0, compute: 0, sending: 0, tail: 0 };
  const components: Component[] = [];
  for (const { journey, count } of grouped(journeys)) {
    const modelled = modelJourney(journey, equipment, access);
    const energy = modelEnergy(modelled, access);
    components.push({ mean: modelled.latencyMs, deviation: modelled.jitterMs, weight: count });
    sums.rows += count;
    sums.latency += count * modelled.latencyMs;
    sums.up += count * modelled.bytesUp;
    sums.down += count * modelled.bytesDown;
    sums.compute += count * energy.computeMillijoules;
    sums.sending += count * energy.sendingMillijoules;
    sums.tail += count * energy.tailMillijoules;
  }
  const mean = (sum: number) => sum / sums.rows;
  return {
    meanMs: mean(sums.latency),
    p50Ms: mixtureQuantile(components, 0.5),
    p95Ms: mixtureQuantile(components, 0.95),
    bytesUp: mean(sums.up),
    bytesDown: mean(sums.down),
    energy: {
      computeMillijoules: mean(sums.compute),
      sendingMillijoules: mean(sums.sending),
      tailMillijoules: mean(sums.tail),
    },
  };
}

/** Samples of the same route, exit and length are modelled once: a dev split has thousands of rows, and few of these. */
function grouped(journeys: Iterable<Journey>): Iterable<Group> {
  const byRoute = new Map<Journey['stretches'], Map<string, Group>>();
  for (const journey of journeys) {
    const groups = byRoute.get(journey.stretches) ?? new Map<string, Group>();
    byRoute.set(journey.stretches, groups);
    const key = `${journey.exitLayer} ${journey.tokens} ${journey.textBytes ?? ''}`;
    const group = groups.get(key);
    if (group) group.count++;
    else groups.set(key, { journey, count: 1 });
  }
  return [...byRoute.values()].flatMap((groups) => [...groups.values()]);
}
