import { setTimeout as sleep } from 'node:timers/promises';
import { engineSetting } from '../climbs';
import { engineFacts, since } from '../engine-facts';
import { signal } from '../../../edge-server/testing/engine-node';
import { findings, type Scenario, unless } from '../scenario';
import type { Stage } from '../stage';
import { type Engined, NO_ENGINE, startEngined, startTwoNodes, untilAsked } from './engine';
import { untilBothAnswer } from './engine-scale';

/** Of all samples, those after whose answers the fault comes. */
const SHARE_BEFORE = 0.1;
/** Of all, those that are then on their way, between clients and engine, at least. */
const SHARE_IN_FLIGHT = 0.5;
/** Longer than an edge waits for any answer, shorter than Serve waits for a replica. */
const HANG_MS = 12_000;
const TWO_REPLICAS = ['--cpus', '2', '--replicas', '2'];

/**
 * A scenario in which something happens to an engine that has nearly all samples.
 * @param open starts it, and says what makes the fault.
 */
function engineFault(
  name: string,
  about: string,
  open: (stage: Stage) => Promise<Engined & { readonly strike: () => unknown }>,
): Scenario {
  return {
    ...{ name, about, setting: engineSetting },
    async play(stage) {
      if (NO_ENGINE) return NO_ENGINE;
      const { edge, strike } = await open(stage);
      const wasAsked = await untilAsked(stage, edge);
      const before = await engineFacts(edge);
      const trial = stage.ask(edge.url);
      await trial.reaches(SHARE_BEFORE * stage.samples);
      const inFlight = stage.samples - trial.answered;
      const { underWay } = await engineFacts(edge);
      await strike();
      const tally = await trial.tally();
      const facts = since(before, await engineFacts(edge));
      const backMs = await untilAsked(stage, edge);
      const faults = [
        ...unless(wasAsked !== undefined, 'the edge did not ask the engine at first'),
        ...unless(inFlight > SHARE_IN_FLIGHT * stage.samples, `only ${inFlight} samples were in flight`),
        ...unless(facts.byEngine > 0, 'the engine answered nothing'),
        ...unless(facts.takenOn > 0, 'the edge took nothing on'),
        ...unless(facts.openings > 0, 'the breaker never opened'),
        ...unless(backMs !== undefined, 'the engine was not asked again afterwards'),
      ];
      return findings(tally, { inFlight, atEngine: underWay, ...facts, backMs: backMs ?? Number.NaN }, faults);
    },
  };
}

export const replicaKilled = engineFault(
  'engine-replica-killed',
  'one of an engine’s two replicas is killed, and started anew by Serve',
  async (stage) => {
    const engined = await startEngined(stage, ...TWO_REPLICAS);
    const [replica] = await engined.head.replicas();
    return { ...engined, strike: () => replica && signal(replica.pid, 'SIGKILL') };
  },
);

export const nodeKilled = engineFault(
  'engine-node-killed',
  'of an engine’s two nodes one is killed with all its processes, and stays away',
  async (stage) => {
    const { joined, ...engined } = await startTwoNodes(stage);
    await untilBothAnswer(stage, engined.edge);
    return { ...engined, strike: await joined.killer() };
  },
);

export const engineRestarted = engineFault(
  'engine-restarted',
  'the engine is stopped, and started again at the same address',
  async (stage) => {
    const engined = await startEngined(stage, ...TWO_REPLICAS);
    const strike = async () => {
      await engined.head.stop();
      await engined.head.start();
    };
    return { ...engined, strike };
  },
);

export const engineHangs = engineFault(
  'engine-hangs',
  `both replicas of an engine stand still for ${HANG_MS / 1000} s, and go on`,
  async (stage) => {
    const engined = await startEngined(stage, ...TWO_REPLICAS);
    const replicas = await engined.head.replicas();
    const strike = async () => {
      for (const { pid } of replicas) signal(pid, 'SIGSTOP');
      await sleep(HANG_MS);
      for (const { pid } of replicas) signal(pid, 'SIGCONT');
    };
    return { ...engined, strike };
  },
);
