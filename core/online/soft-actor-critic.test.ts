import { describe, expect, test } from 'vitest';
import { costAt, DEFAULT_COSTS } from '../cost';
import { CALM_NETWORK, sampleWith, settingFor, traceOf } from '../testing/online';
import { seededRandom } from '../testing/random';
import type { CalibratedTrace } from '../trace/calibrated-trace';
import type { Arm } from './online-policy';
import { OnlineRun } from './online-run';
import { networkedFeaturesOf, softActorCritic } from './soft-actor-critic';

const setting = settingFor(softActorCritic, { parameters: { costWeight: 0.01, latencyWeight: 0.1, int4Loss: 0.02 } });
const arms = softActorCritic.arms(setting);
const sample = sampleWith(new Array<number>(12).fill(0.9));

/** The arm of a name. */
function named(name: string): Arm {
  const arm = arms.find((candidate) => candidate.name === name);
  if (!arm) throw new RangeError(`There is no arm “${name}” among ${arms.map((other) => other.name).join('; ')}.`);
  return arm;
}

describe('the arms', () => {
  test('are exits here, and every split, later exit and number of bits, at m, n and the last layer', () => {
    const across = ['split 4, exit 8', 'split 4, exit 12', 'split 8, exit 12'];
    expect(arms.map(({ name }) => name)).toEqual([
      ...['mobile, exit 4', 'mobile, exit 8', 'mobile, exit 12'],
      ...across.flatMap((name) => [16, 8, 4].map((bits) => `${name}, ${bits} bits`)),
    ]);
    const narrow = softActorCritic.arms({ ...setting, plan: { mobileLayers: 12, edgeLayers: 12 } });
    expect(narrow.map(({ name }) => name)).toEqual(['mobile, exit 12']);
  });

  test('cost layers here, and the crossing and layers at the edge where they go there', () => {
    const costOf = (name: string) => costAt(named(name).exitLayer(sample), named(name).stretches, DEFAULT_COSTS);
    expect(['mobile, exit 8', 'split 4, exit 8, 8 bits', 'split 8, exit 12, 4 bits'].map(costOf)).toEqual([8, 10, 14]);
  });

  test('earn 1 for a right answer, less cost and modelled latency', () => {
    expect(named('mobile, exit 4').reward(sample)).toBeCloseTo(1 - 0.04 - 0.1 * 0.2, 12);
    // 8 tokens of 384 numbers and a scale of four bytes: 3104 bytes, 3.104 ms on 8 Mbit/s.
    const latency = 4 * 5 + 31 + 3.104 + 4 * 2;
    expect(named('split 4, exit 8, 8 bits').reward(sample)).toBeCloseTo(1 - 0.1 - 0.001 * latency, 12);
  });

  test('send fewer bits sooner, and lose what 4 bits are said to lose', () => {
    const slow = { ...sample, network: { ...CALM_NETWORK, uplinkMbitPerSecond: 0.5 } };
    const fast = { ...sample, network: { ...CALM_NETWORK, uplinkMbitPerSecond: 100 } };
    const bits = (of: typeof sample) => [16, 8, 4].map((count) => named(`split 4, exit 8, ${count} bits`).reward(of));
    expect([...bits(slow)].sort((a, b) => a - b)).toEqual(bits(slow));
    const [sixteen = 0, eight = 0, four = 0] = bits(fast);
    expect(eight).toBeGreaterThan(sixteen);
    expect(sixteen - four).toBeCloseTo(0.02, 3);
  });
});

test('the features are those of the contextual bandit, then uplink and load', () => {
  const features = networkedFeaturesOf({ ...sample, network: { uplinkMbitPerSecond: 100, edgeLoad: 0.25 } }, 2);
  expect(features).toHaveLength(8);
  expect([features[0], features[6], features[7]]).toEqual([1, 1, -0.5]);
});

const plan = { mobileLayers: 4, edgeLayers: 8 };
const runOn = (trace: CalibratedTrace, seed: number) =>
  new OnlineRun(trace, { policy: softActorCritic, plan, costs: DEFAULT_COSTS, hidden: 384, seed });

describe('on its way it', () => {
  test('comes to earn more than any fixed arm where the first exit tells samples apart', () => {
    const random = seededRandom(75);
    const easyOrHard = () => {
      const isEasy = random() < 0.5;
      const right = Array.from({ length: 12 }, (_, index) => isEasy || index === 11);
      return { confidences: [isEasy ? 0.95 : 0.55, ...new Array<number>(11).fill(0.9)], right };
    };
    const run = runOn(traceOf(Array.from({ length: 2000 }, easyOrHard)), 1);
    const half = run.advance(1000).regret;
    // Always the last exit on the device earns 0.82; easy samples alone earn 0.12 more at exit 4.
    expect(run.arms[run.bestArm]?.name).toBe('mobile, exit 12');
    expect((run.advance().regret - half) / 1000).toBeLessThan(-0.03);
  });

  test('loses less and less to the best fixed arm where nothing about a sample says more', () => {
    const random = seededRandom(76);
    const alike = () => {
      const right = Array.from({ length: 12 }, (_, index) => random() < (index < 4 ? 0.6 : 0.95));
      return { confidences: new Array<number>(12).fill(0.8), right };
    };
    const trace = traceOf(Array.from({ length: 2000 }, alike));
    let [quarter, all] = [0, 0];
    for (const seed of [1, 2]) {
      const run = runOn(trace, seed);
      expect(run.arms[run.bestArm]?.name).toBe('mobile, exit 8');
      quarter += run.advance(500).regret;
      all += run.advance().regret;
    }
    expect(quarter).toBeGreaterThan(0);
    expect(all / quarter).toBeLessThan(3);
  }, 90_000);
});
