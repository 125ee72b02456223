import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../testing/random';
import { DiscreteSac } from './discrete-sac';

const options = { dimensions: 2, actions: 3, discount: 0, learningRate: 0.005, seed: 1 };

/** Actions earn by the sign of the first feature: 0 is right where it is above 0, 2 where below; 1 earns 0.6 anywhere. */
const rewardOf = ([side = 0]: Float64Array, action: number, noise: number) =>
  (action === 1 ? 0.6 : (action === 0) === side > 0 ? 1 : 0) + 0.4 * (noise - 0.5);

/** Lets it learn from a stream of contexts, told what each action earned; gives the rewards. */
function learn(sac: DiscreteSac, steps: number, targetEntropy: number, seed = 74): number[] {
  const random = seededRandom(seed);
  const context = () => Float64Array.of(random() < 0.5 ? 1 : -1, random());
  let features = context();
  return Array.from({ length: steps }, () => {
    const action = sac.choose(features);
    const reward = rewardOf(features, action, random());
    const next = context();
    sac.remember(features, action, reward, next);
    sac.update(targetEntropy);
    features = next;
    return reward;
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('discrete soft actor-critic', () => {
  test('learns what context decides, and earns more than any fixed action', () => {
    const sac = new DiscreteSac(options);
    const rewards = learn(sac, 1500, 0.1);
    // The best fixed action earns 0.6, the others 0.5; 1 is to be had.
    expect(mean(rewards.slice(1000))).toBeGreaterThan(0.9);
    expect(sac.probabilities(Float64Array.of(1, 0.5))[0]).toBeGreaterThan(0.9);
    expect(sac.probabilities(Float64Array.of(-1, 0.5))[2]).toBeGreaterThan(0.9);
  });

  test.each([0.2, 0.7])('tunes its temperature until the policy has the entropy asked for, %s nats', (target) => {
    const sac = new DiscreteSac(options);
    learn(sac, 1200, target);
    const entropies = [1, -1].map((side) =>
      sac.probabilities(Float64Array.of(side, 0.5)).reduce((sum, p) => sum - p * Math.log(Math.max(p, 1e-12)), 0),
    );
    expect(mean(entropies)).toBeGreaterThan(target - 0.1);
    expect(mean(entropies)).toBeLessThan(target + 0.1);
  });

  test('is repeated by the same seed, and is another with another', () => {
    const run = (seed: number) => learn(new DiscreteSac({ ...options, seed }), 200, 0.3);
    expect(run(3)).toEqual(run(3));
    expect(run(4)).not.toEqual(run(3));
  });

  test('forgoes reward now for more later, where later counts', () => {
    /** Action 1 in state 0 earns less than staying, and leads to state 1, where everything earns 1 and leads back. */
    const actionInZero = (discount: number) => {
      const sac = new DiscreteSac({ ...options, dimensions: 1, actions: 2, discount });
      let state = 0;
      for (let step = 0; step < 1500; step++) {
        const features = Float64Array.of(state);
        const action = sac.choose(features);
        const [reward, next] = state === 1 ? [1, 0] : action === 1 ? [0.1, 1] : [0.3, 0];
        sac.remember(features, action, reward, Float64Array.of(next));
        sac.update(0.15);
        state = next;
      }
      return sac.probabilities(Float64Array.of(0))[1];
    };
    expect(actionInZero(0)).toBeLessThan(0.2);
    expect(actionInZero(0.8)).toBeGreaterThan(0.8);
  });
});
