import { setTimeout as sleep } from 'node:timers/promises';
import { max, mean } from 'd3-array';
import type { ServerProcess } from '../../../edge-server/testing/server-process';
import { engineSetting } from '../climbs';
import { answeredByReplica, engineFacts, since } from '../engine-facts';
import { findings, type Scenario, unless } from '../scenario';
import type { Stage } from '../stage';
import { type Tally, together } from '../trial';
import { NO_ENGINE, startEngined, startTwoNodes } from './engine';

const AT_A_TIME = 64;
const MOST_UP_MS = 120_000;
const MOST_DOWN_MS = 180_000;
/** What a replica's answers may differ from its share by. */
const MOST_UNEVEN = 0.2;

/** Keeps the engine under load until two replicas have answered and so many samples are through. */
export async function untilBothAnswer(stage: Stage, edge: ServerProcess, atLeast = 0): Promise<Tally> {
  const client = stage.client(edge.url);
  const tallies: Tally[] = [];
  const startedAt = performance.now();
  for (let asked = 0; ; asked += AT_A_TIME) {
    const areBoth = (await answeredByReplica(edge)).size >= 2;
    if (areBoth && asked >= atLeast) return together(tallies);
    if (performance.now() - startedAt > MOST_UP_MS) throw new Error('The engine has not come to two replicas.');
    tallies.push(await stage.askOf(client, stage.sampled(AT_A_TIME)).tally());
  }
}

export const engineShares: Scenario = {
  name: 'engine-shares',
  about: `two nodes with a replica each: both answer their share within ${100 * MOST_UNEVEN} %`,
  setting: engineSetting,
  async play(stage) {
    if (NO_ENGINE) return NO_ENGINE;
    const { edge } = await startTwoNodes(stage);
    await untilBothAnswer(stage, edge);
    const [factsBefore, before] = [await engineFacts(edge), await answeredByReplica(edge)];
    const tally = await stage.ask(edge.url).tally();
    const after = await answeredByReplica(edge);
    const facts = since(factsBefore, await engineFacts(edge));
    const shares = [...after].map(([replica, count]) => count - (before.get(replica) ?? 0));
    const fair = mean(shares) ?? Number.NaN;
    const uneven = max(shares, (share) => Math.abs(share / fair - 1)) ?? Number.NaN;
    const faults = [
      ...unless(shares.length === 2, `${shares.length} replicas answered`),
      ...unless(uneven <= MOST_UNEVEN, `they answered ${shares.join(' and ')}`),
      ...unless(facts.takenOn === 0, `the edge took ${facts.takenOn} on`),
    ];
    const [first = Number.NaN, second = Number.NaN] = shares;
    return findings(tally, { ...facts, first, second, uneven }, faults);
  },
};

export const engineScales: Scenario = {
  name: 'engine-scales',
  about: 'one replica becomes two under load, and one again after it',
  setting: engineSetting,
  async play(stage) {
    if (NO_ENGINE) return NO_ENGINE;
    const scale = ['--replicas', '1:2', '--busy', '8', '--fewer-after', '5'];
    const { edge, head } = await startEngined(stage, '--cpus', '2', ...scale);
    const atFirst = (await head.replicas()).length;
    const startedAt = performance.now();
    const tally = await untilBothAnswer(stage, edge, stage.samples);
    const underLoad = (await head.replicas()).length;
    const calmAt = performance.now();
    let afterwards = underLoad;
    for (; afterwards !== 1 && performance.now() - calmAt < MOST_DOWN_MS; await sleep(2000)) {
      afterwards = (await head.replicas()).length;
    }
    const facts = await engineFacts(edge);
    const faults = [
      ...unless(atFirst === 1, `there were ${atFirst} replicas at first`),
      ...unless(underLoad === 2, `there were ${underLoad} replicas under load`),
      ...unless(afterwards === 1, `there were ${afterwards} replicas afterwards`),
      ...unless(facts.takenOn === 0, `the edge took ${facts.takenOn} on`),
    ];
    const seconds = { loadSeconds: (calmAt - startedAt) / 1000, downSeconds: (performance.now() - calmAt) / 1000 };
    return findings(tally, { atFirst, underLoad, afterwards, ...seconds }, faults);
  },
};
