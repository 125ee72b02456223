import { at } from '../../../core/numbers/at';
import { findings, type Scenario } from '../scenario';

/** Of one client on a slow line. */
const SLOW_SAMPLES = 64;

export const delayed: Scenario = {
  name: 'delay',
  about: '300 ms each way between clients and edge',
  async play(stage) {
    const line = await stage.line(await stage.start(), { delayMs: 300 });
    return findings(await stage.ask(line.url).tally());
  },
};

export const slow: Scenario = {
  name: 'slow-line',
  about: `256 kbit/s each way, ${SLOW_SAMPLES} hidden states of one client: none is taken for lost, none sent twice`,
  async play(stage) {
    const edge = await stage.start();
    const line = await stage.line(edge, { kbitPerSecond: 256 });
    const states = stage.known.filter(({ climb }) => climb.input.kind === 'hiddenState');
    const samples = Array.from({ length: SLOW_SAMPLES }, (_, index) => at(states, index % states.length));
    const tally = await stage.askOf(stage.client(line.url), samples).tally();
    return findings(tally, { kilobytesUp: line.bytesUp / 1000 });
  },
};

export const lossy: Scenario = {
  name: 'loss',
  about: '2 % of segments lost, which TCP sends again after 200 ms or more while all that follows waits',
  async play(stage) {
    const line = await stage.line(await stage.start(), { lossShare: 0.02, delayMs: 20 });
    return findings(await stage.ask(line.url).tally());
  },
};

export const broken: Scenario = {
  name: 'reset',
  about: 'all connections break in the middle, and the edge does not',
  async play(stage) {
    const line = await stage.line(await stage.start(), { delayMs: 20 });
    const trial = stage.ask(line.url);
    await trial.reaches(20);
    line.reset();
    return findings(await trial.tally());
  },
};
