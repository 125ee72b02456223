import type { ServerProcess } from '../../edge-server/testing/server-process';

/** What an edge tells of its way to an engine, as Prometheus reads it. */
export interface EngineFacts {
  /** Samples that left in the engine, and here. */
  readonly byEngine: number;
  readonly byEdge: number;
  /** Samples for the engine that the edge took on. */
  readonly takenOn: number;
  /** Samples that the engine has. */
  readonly underWay: number;
  /** 1 where nothing is sent to the engine, 0 where all is well. */
  readonly breakerOpen: number;
  readonly openings: number;
  readonly retries: number;
}

export async function engineFacts({ port }: ServerProcess): Promise<EngineFacts> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return {
    byEngine: sumOf(text, 'dimee_exits_total', 'tier="cloud"'),
    byEdge: sumOf(text, 'dimee_exits_total', 'tier="edge"'),
    takenOn: sumOf(text, 'dimee_cloud_taken_on_total'),
    underWay: sumOf(text, 'dimee_engine_samples'),
    breakerOpen: sumOf(text, 'dimee_engine_breaker_open'),
    openings: sumOf(text, 'dimee_engine_breaker_openings'),
    retries: sumOf(text, 'dimee_engine_retries'),
  };
}

/** What counters have grown by. */
export function since(before: EngineFacts, after: EngineFacts): Omit<EngineFacts, 'underWay' | 'breakerOpen'> {
  const grown = (of: keyof EngineFacts) => after[of] - before[of];
  return {
    ...{ byEngine: grown('byEngine'), byEdge: grown('byEdge'), takenOn: grown('takenOn') },
    ...{ openings: grown('openings'), retries: grown('retries') },
  };
}

/** Samples answered so far, by the engine's replica. */
export async function answeredByReplica(edge: ServerProcess): Promise<ReadonlyMap<string, number>> {
  const { cloud } = await edge.health();
  const engines = typeof cloud === 'string' ? {} : (cloud.engines ?? {});
  return new Map(Object.values(engines).flatMap(({ replicas }) => Object.entries(replicas)));
}

/** Of a metric, over all labels but the given one. */
function sumOf(text: string, name: string, label = ''): number {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines
    .filter((line) => line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
