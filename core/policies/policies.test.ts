import { describe, expect, test } from 'vitest';
import { softmax } from '../calibration';
import { hasCode } from '../errors';
import { type Exit, exitsOf } from '../exits';
import { findExit } from '../ladder/decision';
import { stretchesOf } from '../layers';
import { randomInt, randomItem, randomLogits, type Random, seededRandom } from '../testing/random';
import { defaultParameters, POLICIES, policyById, resolvePolicy, type PolicyParameters } from '.';

const plan = { mobileLayers: 4, edgeLayers: 8 };

/** One exit per row of class probabilities. */
function exitsWith(...probabilities: readonly (readonly number[])[]): Exit[] {
  return exitsOf(
    probabilities.map((row) => row.map(Math.log)),
    new Array<number>(probabilities.length).fill(1),
  );
}

function randomExits(random: Random, classes: number): Exit[] {
  const logits = Array.from({ length: 12 }, () => randomLogits(random, classes, 3));
  return exitsOf(
    logits,
    Array.from({ length: 12 }, () => 0.5 + random()),
  );
}

function exitLayer(id: string, parameters: PolicyParameters, exits: readonly Exit[]): number | undefined {
  const { policy, parameters: complete } = resolvePolicy({ id, parameters });
  const stretches = stretchesOf(policy.route, plan, 12);
  return findExit(exits, { policy, parameters: complete, stretches })?.layer;
}

describe('the list of policies', () => {
  test('has every policy once, with its source and its rule', () => {
    const ids = POLICIES.map((policy) => policy.id);
    expect(ids).toEqual(['confidence', 'entropy', 'patience', 'all-mobile', 'all-edge', 'all-cloud']);
    expect(POLICIES.every((policy) => policy.source !== '' && policy.rule !== '')).toBe(true);
  });

  test('has defaults within their ranges and on their steps', () => {
    for (const { min, max, step, default: value } of POLICIES.flatMap((policy) => policy.parameters)) {
      expect(value).toBeGreaterThanOrEqual(min);
      expect(value).toBeLessThanOrEqual(max);
      const steps = (value - min) / step;
      expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-9);
    }
  });

  test('routes the baselines whole to their tiers and the rest through the cascade', () => {
    expect(POLICIES.map((policy) => policy.route)).toEqual([
      'cascade',
      'cascade',
      'cascade',
      'mobile',
      'edge',
      'cloud',
    ]);
  });
});

describe('resolvePolicy', () => {
  test('the cloud’s default threshold is never reached: a sample there goes to the last layer', () => {
    expect(defaultParameters(policyById('confidence'))).toMatchObject({ cloudThreshold: 1 });
    expect(defaultParameters(policyById('entropy'))).toMatchObject({ cloudThreshold: 0 });
  });

  test('fills in the defaults of what is not given', () => {
    expect(resolvePolicy({ id: 'confidence', parameters: { edgeThreshold: 0.5 } }).parameters).toEqual({
      mobileThreshold: 0.9,
      edgeThreshold: 0.5,
      cloudThreshold: 1,
    });
    expect(defaultParameters(policyById('patience'))).toEqual({ patience: 4 });
  });

  test('takes both ends of a range', () => {
    const parameters = { mobileThreshold: 0, edgeThreshold: 1 };
    expect(resolvePolicy({ id: 'confidence', parameters }).parameters).toMatchObject(parameters);
  });

  test.each([
    ['an unknown policy', 'hope', {}, 'There is no policy “hope”. Choose one of: confidence, entropy,'],
    ['a policy named like a part of every object', 'constructor', {}, 'There is no policy “constructor”'],
    ['an unknown parameter', 'confidence', { patience: 3 }, 'The policy “confidence” has no parameter “patience”.'],
    ['a value above its range', 'confidence', { edgeThreshold: 1.01 }, 'Edge threshold must be from 0 to 1, not 1.01.'],
    ['a value below its range', 'patience', { patience: 0 }, 'Patience must be from 1 to 12, not 0.'],
    [
      'a value that is no number',
      'entropy',
      { mobileThreshold: NaN },
      'Mobile threshold must be from 0 to 1.1, not NaN.',
    ],
  ])('refuses %s with BAD_INPUT and says what is possible', (_, id, parameters: PolicyParameters, message) => {
    const resolve = () => resolvePolicy({ id, parameters });
    expect(resolve).toThrow(expect.toSatisfy((error) => hasCode(error, 'BAD_INPUT')));
    expect(resolve).toThrow(message);
  });
});

describe('confidence', () => {
  const exits = exitsWith([0.6, 0.4], [0.2, 0.8], [0.5, 0.5], [0.7, 0.3], [0.15, 0.85], [0.95, 0.05]);

  test('leaves at the first exit that reaches its tier’s threshold', () => {
    expect(exitLayer('confidence', { mobileThreshold: 0.75 }, exits)).toBe(2);
    // Layers 1 to 4 are the mobile tier’s, 5 to 8 the edge’s.
    expect(exitLayer('confidence', { mobileThreshold: 0.9, edgeThreshold: 0.8 }, exits)).toBe(5);
    expect(exitLayer('confidence', { mobileThreshold: 0.9, edgeThreshold: 0.9 }, exits)).toBe(6);
  });

  test('leaves at a confidence that equals the threshold', () => {
    const [, second] = exits;
    expect(exitLayer('confidence', { mobileThreshold: second?.confidence ?? 0 }, exits)).toBe(2);
  });

  test('a threshold of 1 is never reached, not even by a confidence that is 1 in floating point', () => {
    const certain = exitsOf([[800, 0]], [1]);
    expect(certain[0]?.confidence).toBe(1);
    expect(exitLayer('confidence', { mobileThreshold: 1 }, certain)).toBeUndefined();
    expect(exitLayer('confidence', { mobileThreshold: 0.995 }, certain)).toBe(1);
  });

  test('a threshold of 0 is reached at once', () => {
    expect(exitLayer('confidence', { mobileThreshold: 0 }, exits)).toBe(1);
  });
});

describe('entropy', () => {
  // In nats: ln 2 = 0.693, 0.562, 0.325.
  const exits = exitsWith([0.5, 0.5], [0.75, 0.25], [0.9, 0.1]);

  test('leaves at the first exit whose entropy is small enough', () => {
    expect(exitLayer('entropy', { mobileThreshold: 0.7 }, exits)).toBe(1);
    expect(exitLayer('entropy', { mobileThreshold: 0.57 }, exits)).toBe(2);
    expect(exitLayer('entropy', { mobileThreshold: 0.33 }, exits)).toBe(3);
    expect(exitLayer('entropy', { mobileThreshold: 0.32 }, exits)).toBeUndefined();
  });

  test('leaves at an entropy that equals the threshold', () => {
    const [, second] = exits;
    expect(exitLayer('entropy', { mobileThreshold: policyById('entropy').score(second ? [second] : []) }, exits)).toBe(
      2,
    );
  });

  test('a threshold of 0 is never reached, not even by an entropy that is 0 in floating point', () => {
    expect(exitLayer('entropy', { mobileThreshold: 0 }, exitsOf([[800, 0]], [1]))).toBeUndefined();
  });
});

describe('patience', () => {
  const [yes, no] = [
    [0.4, 0.6],
    [0.6, 0.4],
  ];

  test('leaves once as many exits in a row agree', () => {
    const exits = exitsWith(yes, no, no, yes, yes, yes);
    expect([1, 2, 3, 4].map((patience) => exitLayer('patience', { patience }, exits))).toEqual([1, 3, 6, undefined]);
  });

  test('scores the length of the last run', () => {
    const { score } = policyById('patience');
    const exits = exitsWith(yes, no, no, yes);
    expect(exits.map((_, index) => score(exits.slice(0, index + 1)))).toEqual([1, 1, 2, 1]);
  });

  test('counts across tiers', () => {
    expect(exitLayer('patience', { patience: 6 }, exitsWith(yes, yes, yes, yes, yes, yes))).toBe(6);
  });
});

test.each([
  ['all-mobile', 4],
  ['all-edge', 8],
  ['all-cloud', 12],
])('%s leaves at layer %i, whatever the exits say', (id, layer) => {
  const certain = exitsWith(...new Array<number[]>(12).fill([0.999, 0.001]));
  expect(exitLayer(id, {}, certain)).toBe(layer);
  expect(exitLayer(id, {}, certain.slice(0, layer - 1))).toBeUndefined();
});

describe('properties', () => {
  /** For each policy, its parameters made stricter: thresholds up (entropy: down), patience up. */
  const strictness = [
    { id: 'confidence', direction: 1, step: 0.2 },
    { id: 'entropy', direction: -1, step: 0.2 },
    { id: 'patience', direction: 1, step: 4 },
  ] as const;

  test.each(strictness)('a stricter parameter of $id never makes a sample leave earlier', ({ id, direction, step }) => {
    const random = seededRandom(5);
    const specs = policyById(id).parameters;
    let moved = 0;
    for (let round = 0; round < 400; round++) {
      const exits = randomExits(random, randomInt(random, 2, 4));
      const loose = Object.fromEntries(specs.map((spec) => [spec.id, spec.min + random() * (spec.max - spec.min)]));
      const { id: changed, min, max } = randomItem(random, specs);
      const stricter = Math.min(Math.max((loose[changed] ?? 0) + direction * random() * step, min), max);
      const before = exitLayer(id, loose, exits) ?? 13;
      const after = exitLayer(id, { ...loose, [changed]: stricter }, exits) ?? 13;
      expect(after).toBeGreaterThanOrEqual(before);
      if (after > before) moved++;
    }
    expect(moved).toBeGreaterThan(10);
  });

  test('with two classes, confidence and entropy rank samples alike', () => {
    const random = seededRandom(6);
    const exits = Array.from({ length: 300 }, () => randomExits(random, 2)).flat();
    const [confidence, entropy] = [policyById('confidence'), policyById('entropy')];
    const byConfidence = [...exits].sort((a, b) => confidence.score([b]) - confidence.score([a]));
    const entropies = byConfidence.map((exit) => entropy.score([exit]));
    const outOfOrder = entropies.filter((value, index) => value < (entropies[index - 1] ?? 0) - 1e-12);
    expect(outOfOrder).toEqual([]);
  });

  test('with three classes they need not: a tie of two is less certain by confidence, and more by entropy', () => {
    const [tie, spread] = exitsWith([0.498, 0.498, 0.004], [0.55, 0.225, 0.225]);
    const [confidence, entropy] = [policyById('confidence'), policyById('entropy')];
    if (!tie || !spread) throw new Error('unreachable');
    expect(confidence.score([tie])).toBeLessThan(confidence.score([spread]));
    expect(entropy.score([tie])).toBeLessThan(entropy.score([spread]));
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
