import { setTimeout as sleep } from 'node:timers/promises';
import { findings, type Scenario, unless } from '../scenario';

/** Answers after which the fault comes: all else is on its way then. */
const SOME = 20;
const AWAY_MS = 20_000;
const MOST_DRAIN_MS = 10_000;
/** Layers that may be run in vain where a tier is away, as a multiple of those that answers need. */
const MOST_LAYERS = 1.05;

export const edgeKilled: Scenario = {
  name: 'edge-killed',
  about: 'the edge is killed with all samples there, and comes back at once',
  async play(stage) {
    const edge = await stage.start();
    const trial = stage.ask(edge.url);
    await trial.reaches(SOME);
    const { inside } = await edge.health();
    await edge.stop('SIGKILL');
    await stage.startAgain(edge);
    return findings(await trial.tally(), { insideWhenKilled: inside.samples });
  },
};

export const edgeAway: Scenario = {
  name: 'edge-away',
  about: `the edge is killed, and away for ${AWAY_MS / 1000} s`,
  async play(stage) {
    const edge = await stage.start();
    const trial = stage.ask(edge.url);
    await trial.reaches(SOME);
    await edge.stop('SIGKILL');
    await sleep(AWAY_MS);
    await stage.startAgain(edge);
    return findings(await trial.tally());
  },
};

export const cloudKilled: Scenario = {
  name: 'cloud-killed',
  about: 'the cloud is killed with samples there, and comes back at once',
  async play(stage) {
    const { edge, cloud } = await stage.startBoth();
    const trial = stage.ask(edge.url);
    await trial.reaches(SOME);
    const running = (await cloud.health()).inside.samples;
    await cloud.stop('SIGKILL');
    await stage.startAgain(cloud);
    return findings(await trial.tally(), { insideWhenKilled: running });
  },
};

export const cloudAway: Scenario = {
  name: 'cloud-away',
  about: 'the cloud was never there: the edge answers all, and runs no layer twice',
  async play(stage) {
    const { edge, cloud } = await stage.startBoth();
    await cloud.stop('SIGKILL');
    const samples = stage.sampled(stage.samples);
    const trial = stage.ask(edge.url);
    const tally = await trial.tally();
    const needed = samples.reduce((sum, { expected }) => sum + expected.length, 0);
    const layers = ((await edge.health()).tiers.edge?.layersRun ?? 0) / needed;
    const faults = unless(layers <= MOST_LAYERS, `${layers.toFixed(2)} times the layers that the answers need`);
    return findings(tally, { layersOverNeeded: layers }, faults);
  },
};

export const edgeDrains: Scenario = {
  name: 'edge-drains',
  about: 'the edge is ended by SIGTERM with all samples there: it answers what it has, and another takes the rest',
  async play(stage) {
    const edge = await stage.start();
    const trial = stage.ask(edge.url);
    await trial.reaches(SOME);
    const { inside } = await edge.health();
    const startedAt = performance.now();
    const code = await edge.stop('SIGTERM');
    const drainMs = performance.now() - startedAt;
    await stage.startAgain(edge);
    const faults = [
      ...unless(code === 0, `it ended with code ${code}`),
      ...unless(drainMs <= MOST_DRAIN_MS, `it took ${Math.round(drainMs)} ms to end`),
    ];
    return findings(await trial.tally(), { insideWhenEnded: inside.samples, drainMs }, faults);
  },
};

export const oneOfTwoKilled: Scenario = {
  name: 'one-of-two-killed',
  about: 'clients know two edges, of which one is killed and stays away',
  async play(stage) {
    const [first, second] = await Promise.all([stage.start(), stage.start()]);
    const trial = stage.ask(first.url, second.url);
    await trial.reaches(SOME);
    await first.stop('SIGKILL');
    return findings(await trial.tally());
  },
};
