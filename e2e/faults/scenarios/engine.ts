import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from '../../../edge-server/testing/server-process';
import { hasPython } from '../../../scripts/python.mjs';
import { engineFacts } from '../engine-facts';
import type { EngineNode } from '../../../edge-server/testing/engine-node';
import type { Findings } from '../scenario';
import type { Stage } from '../stage';

/* What the scenarios of an engine have in common. */

/** All that is asked for is let into replicas, where batches are made. */
const ALL_LET_IN = ['--ongoing', '4096', '--queued', '8192'];
const [HEAD_HOST, JOINED_HOST] = ['127.0.0.2', '127.0.0.3'];
const FEW = 16;
const MOST_BACK_MS = 90_000;

/** An edge whose cloud is an engine. */
export interface Engined {
  readonly edge: ServerProcess;
  readonly head: EngineNode;
}

/** Why no engine can be started here. */
export const NO_ENGINE: Findings | undefined = hasPython('cluster')
  ? undefined
  : { figures: {}, faults: [], skipped: 'Ray is not installed: the first “npm run cluster -- head” does it' };

export async function startEngined(stage: Stage, ...words: readonly string[]): Promise<Engined> {
  const head = await stage.node('head', ...ALL_LET_IN, ...words);
  return { edge: await stage.start(['--cloud-url', head.url, '--metrics', 'here']), head };
}

/** Two nodes with a replica each; the second replica is started by load, as the first node has no room for it. */
export async function startTwoNodes(stage: Stage): Promise<Engined & { readonly joined: EngineNode }> {
  const scale = ['--cpus', '1', '--replicas', '1:2', '--busy', '1', '--fewer-after', '600', '--proxies', 'head'];
  const engined = await startEngined(stage, '--node-address', HEAD_HOST, ...scale);
  const address = engined.head.addressAt(HEAD_HOST);
  const joined = await stage.node('join', '--node-address', JOINED_HOST, '--cpus', '1', '--address', address);
  return { ...engined, joined };
}

/** The milliseconds until the engine answers samples again, and the edge trusts it; undefined where it does not come to that. */
export async function untilAsked(stage: Stage, edge: ServerProcess): Promise<number | undefined> {
  const client = stage.client(edge.url);
  for (const startedAt = performance.now(); performance.now() - startedAt < MOST_BACK_MS; await sleep(500)) {
    const { byEngine } = await engineFacts(edge);
    await stage.askOf(client, stage.sampled(FEW)).tally();
    const after = await engineFacts(edge);
    if (after.byEngine - byEngine === FEW && after.breakerOpen === 0) return performance.now() - startedAt;
  }
  return undefined;
}
