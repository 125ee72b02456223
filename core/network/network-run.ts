import { at } from '../numbers/at';
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

/** The journeys that samples make, and by sample which of them it makes. */
interface Grouped {
  readonly groups: readonly Group[];
  readonly groupOf: Uint32Array;
}

/**
 * Models every journey. The quantiles are those of the mixture over samples, the round trip of each that crosses taken as
 * normal about its mean with the link's jitter as deviation. All numbers are NaN without journeys.
 */
export function modelRun(journeys: Iterable<Journey>, equipment: Equipment, access: Access | undefined): NetworkRun {
  const sums = { rows: 0, latency: 0, up: 0, down: 0, compute: 0, sending: 0, tail: 0 };
  const components: Component[] = [];
  for (const { journey, count } of groupJourneys(journeys).groups) {
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

/** How the times of samples are spread: a component a group of those alike, and by sample the group it belongs to. */
export interface TimeGroups {
  readonly components: readonly Component[];
  readonly groupOf: Uint32Array;
}

/** The same components as `modelRun` has its quantiles from. */
export function timeGroups(journeys: Iterable<Journey>, equipment: Equipment, access: Access | undefined): TimeGroups {
  const { groups, groupOf } = groupJourneys(journeys);
  const components = groups.map(({ journey, count }) => {
    const { latencyMs, jitterMs } = modelJourney(journey, equipment, access);
    return { mean: latencyMs, deviation: jitterMs, weight: count };
  });
  return { components, groupOf };
}

/** Samples of the same route, exit and length are modelled once: a dev split has thousands of rows, and few of these. */
function groupJourneys(journeys: Iterable<Journey>): Grouped {
  const byRoute = new Map<Journey['stretches'], Map<string, number>>();
  const groups: Group[] = [];
  const groupOf: number[] = [];
  for (const journey of journeys) {
    const places = byRoute.get(journey.stretches) ?? new Map<string, number>();
    byRoute.set(journey.stretches, places);
    const key = `${journey.exitLayer} ${journey.tokens} ${journey.textBytes ?? ''}`;
    const place = places.get(key) ?? groups.push({ journey, count: 0 }) - 1;
    places.set(key, place);
    at(groups, place).count++;
    groupOf.push(place);
  }
  return { groups, groupOf: Uint32Array.from(groupOf) };
}
