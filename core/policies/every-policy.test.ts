import { describe, expect, test } from 'vitest';
import { softmax } from '../numbers/calibration';
import { exitsOf } from '../exits';
import { stretchesOf } from '../layers';
import { exitLayer, exitsWith, randomExits, scoreOf } from '../testing/exits';
import { fakeFitted } from '../testing/fake-policy-files';
import { randomInt, randomLogits, seededRandom } from '../testing/random';
import { parametersOf, defaultParameters, type ParameterSpec, POLICIES, policyById } from '.';

describe('properties', async () => {
  const fitted = await fakeFitted();

  /** Parameters that let samples go sooner where they are raised. */
  const LOOSER_ABOVE: Readonly<Record<string, readonly string[]>> = {
    entropy: ['mobileThreshold', 'edgeThreshold', 'cloudThreshold'],
    'normalised-entropy': ['mobileThreshold', 'edgeThreshold', 'cloudThreshold'],
    quota: ['share'],
    'expected-loss': ['mobileThreshold', 'edgeThreshold', 'cloudThreshold'],
    'class-thresholds': ['mobileThreshold', 'edgeThreshold', 'cloudThreshold'],
    'risk-controlled': ['disagreement'],
    'fast-yet-safe': ['risk'],
    'random-exit': ['probability'],
  };
  /** Parameters of which no value is stricter than another. */
  const UNORDERED = ['draw', 'members'];
  const movable = POLICIES.flatMap((policy) =>
    parametersOf(policy, 12)
      .filter((spec) => !UNORDERED.includes(spec.id))
      .map((spec) => [spec.id, policy.id, spec] as const),
  );

  test.each(movable)('a stricter %s of %s never makes a sample leave earlier', (moved, id, spec) => {
    const random = seededRandom(5);
    const direction = LOOSER_ABOVE[id]?.includes(moved) ? -1 : 1;
    /** A value from the strictest part of a range, on its steps. */
    const strict = ({ min, max, step }: ParameterSpec, part: number) => {
      const value = direction > 0 ? max - random() * part * (max - min) : min + random() * part * (max - min);
      return Number.isInteger(step) ? Math.round(value) : value;
    };
    let [later, earlier] = [0, 0];
    for (let round = 0; round < 300; round++) {
      const exits = randomExits(random, 2);
      const plan = { mobileLayers: randomInt(random, 1, 3), edgeLayers: randomInt(random, 3, 6) };
      const circumstances = { plan, fitted, sample: { rowSeed: round, gold: 0 } };
      // Samples must get as far as the tier whose threshold moves.
      const others = parametersOf(policyById(id), 12).filter((other) => other.id !== moved);
      const still = others.map((other) => [other.id, strict(other, other.id.endsWith('Threshold') ? 0.2 : 1)] as const);
      const [loose = 13, stricter = 13] = [strict(spec, 1), strict(spec, 1)]
        .sort((a, b) => direction * (a - b))
        .map((value) => exitLayer(id, { ...Object.fromEntries(still), [moved]: value }, exits, circumstances));
      if (stricter > loose) later++;
      if (stricter < loose) earlier++;
    }
    expect(earlier).toBe(0);
    expect(later).toBeGreaterThan(5);
  });

  test.each(POLICIES.map((policy) => [policy.id, policy]))(
    'the score of %s depends on no parameter but those that say so',
    (_, policy) => {
      const random = seededRandom(8);
      const still = parametersOf(policy, 12).filter((spec) => !spec.shapesScore);
      const stretches = stretchesOf(policy.route, { mobileLayers: 4, edgeLayers: 8 }, 12);
      for (let round = 0; round < 50; round++) {
        const exits = randomExits(random, 2).slice(0, randomInt(random, 1, 12));
        const before = defaultParameters(policy, 12);
        const after = { ...before, ...Object.fromEntries(still.map(({ id, min, max }) => [id, (min + max) / 3])) };
        const scores = [before, after].map((parameters) =>
          policy.score(exits, { parameters, fitted, stretches, sample: { rowSeed: round, gold: 1 } }),
        );
        expect(scores[1]).toBe(scores[0]);
      }
    },
  );

  const SURENESS = POLICIES.filter((policy) => policy.group === 'How sure one exit is').map((policy) => policy.id);

  test.each(SURENESS)('with two classes, %s ranks exits as confidence does', (id) => {
    const random = seededRandom(6);
    const exits = Array.from({ length: 300 }, () => randomExits(random, 2)).flat();
    const byConfidence = [...exits].sort((a, b) => scoreOf('confidence', [b]) - scoreOf('confidence', [a]));
    const scores = byConfidence.map((exit) => scoreOf(id, [exit]));
    const outOfOrder = scores.filter((score, index) => score > (scores[index - 1] ?? Infinity) + 1e-12);
    expect(outOfOrder).toEqual([]);
  });

  test('with three classes they need not: a tie of two is less certain by confidence and margin, and more by entropy', () => {
    const [tie, spread] = exitsWith([0.498, 0.498, 0.004], [0.55, 0.225, 0.225]);
    if (!tie || !spread) throw new Error('unreachable');
    for (const id of ['confidence', 'margin']) expect(scoreOf(id, [tie])).toBeLessThan(scoreOf(id, [spread]));
    expect(scoreOf('entropy', [tie])).toBeGreaterThan(scoreOf('entropy', [spread]));
  });

  test('with two classes, temperature only relabels the threshold', () => {
    const random = seededRandom(7);
    const gap = 1.5;
    const thresholdAt = (temperature: number) => Math.max(...softmax([gap, 0], temperature)) - 1e-9;
    for (let round = 0; round < 50; round++) {
      const logits = Array.from({ length: 12 }, () => randomLogits(random, 2, 2));
      const layers = [0.5, 1, 3].map((temperature) => {
        const exits = exitsOf(logits, new Array<number>(12).fill(temperature));
        const threshold = thresholdAt(temperature);
        const parameters = { mobileThreshold: threshold, edgeThreshold: threshold, cloudThreshold: threshold };
        return exitLayer('confidence', parameters, exits);
      });
      expect(new Set(layers).size).toBe(1);
    }
  });
});

describe('what a policy says of itself', () => {
  const random = seededRandom(11);
  const exits = Array.from({ length: 50 }, () => randomExits(random, 3));
  const told = POLICIES.filter(({ asksForConfidence }) => asksForConfidence);

  test.each(told)('the score of $id is the latest confidence', ({ id }) => {
    for (const some of exits) expect(scoreOf(id, some)).toBe(some.at(-1)?.confidence);
  });

  test('a threshold of one tier names it', () => {
    const specs = POLICIES.flatMap((policy) => parametersOf(policy, 12)).filter(({ tier }) => tier);
    expect(specs.length).toBeGreaterThan(3 * 5);
    for (const { id, tier } of specs) expect(id).toBe(`${tier}Threshold`);
  });

  test('what all must be better than are baselines', () => {
    const yardsticks = POLICIES.filter(({ isYardstick }) => isYardstick);
    expect(yardsticks.map(({ id }) => id)).toEqual(['all-mobile', 'all-edge', 'all-cloud', 'fixed-exit']);
    expect(yardsticks.every(({ role }) => role === 'baseline')).toBe(true);
  });
});
