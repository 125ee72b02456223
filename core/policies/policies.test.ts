import { describe, expect, test } from 'vitest';
import { softmax } from '../numbers/calibration';
import { hasCode } from '../errors';
import { type Exit, exitsOf } from '../exits';
import { stretchesOf } from '../layers';
import { exitLayer, exitsWith, randomExits } from '../testing/exits';
import { fakeFitted } from '../testing/fake-policy-files';
import { randomInt, randomLogits, seededRandom } from '../testing/random';
import {
  defaultParameters,
  parametersOf,
  type ParameterSpec,
  POLICIES,
  policyById,
  resolvePolicy,
  type PolicyParameters,
} from '.';
import { NOTHING_FITTED } from './fitted';
import { POLICY_GROUPS } from './policy';

const scoreOf = (id: string, exits: readonly Exit[], parameters: PolicyParameters = {}) =>
  policyById(id).score(exits, { parameters, fitted: NOTHING_FITTED, sample: {}, stretches: [] });

describe('the list of policies', () => {
  test('has every policy once, with its source and its rule', () => {
    expect(POLICIES.map((policy) => policy.id)).toEqual([
      ...['confidence', 'confidence-per-exit', 'margin', 'entropy', 'normalised-entropy', 'spinn'],
      ...['patience', 'patient-and-confident', 'ensemble', 'saturation'],
      ...['fusion', 'edge-ensemble', 'dimee-pools', 'dimec-dc-pools'],
      ...['learned-exit', 'quota', 'risk-controlled', 'expected-loss'],
      ...['all-mobile', 'all-edge', 'all-cloud', 'fixed-exit', 'random-exit', 'oracle'],
    ]);
    expect(POLICIES.every((policy) => policy.source !== '' && policy.rule !== '')).toBe(true);
    expect(new Set(POLICIES.map((policy) => policy.name)).size).toBe(POLICIES.length);
  });

  test('is in the order of its groups, and none of them is empty', () => {
    const groups = POLICIES.map((policy) => POLICY_GROUPS.indexOf(policy.group));
    expect(groups).toEqual([...groups].sort((a, b) => a - b));
    expect(new Set(groups).size).toBe(POLICY_GROUPS.length);
  });

  test('has defaults within their ranges and on their steps', () => {
    for (const { min, max, step, default: value } of POLICIES.flatMap((policy) => parametersOf(policy, 12))) {
      expect(value).toBeGreaterThanOrEqual(min);
      expect(value).toBeLessThanOrEqual(max);
      const steps = (value - min) / step;
      expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-9);
    }
  });

  test('routes three baselines whole to their tiers and the rest through the cascade', () => {
    const whole = POLICIES.filter((policy) => policy.route !== 'cascade');
    expect(whole.map(({ id, route }) => [id, route])).toEqual([
      ['all-mobile', 'mobile'],
      ['all-edge', 'edge'],
      ['all-cloud', 'cloud'],
    ]);
  });
});

describe('resolvePolicy', () => {
  test('the cloud’s default threshold is never reached: a sample there goes to the last layer', () => {
    expect(defaultParameters(policyById('confidence'), 12)).toMatchObject({ cloudThreshold: 1 });
    expect(defaultParameters(policyById('entropy'), 12)).toMatchObject({ cloudThreshold: 0 });
  });

  test('fills in the defaults of what is not given', () => {
    expect(resolvePolicy({ id: 'confidence', parameters: { edgeThreshold: 0.5 } }, 12).parameters).toEqual({
      mobileThreshold: 0.9,
      edgeThreshold: 0.5,
      cloudThreshold: 1,
    });
    expect(defaultParameters(policyById('patience'), 12)).toEqual({ patience: 4 });
  });

  test('takes both ends of a range', () => {
    const parameters = { mobileThreshold: 0, edgeThreshold: 1 };
    expect(resolvePolicy({ id: 'confidence', parameters }, 12).parameters).toMatchObject(parameters);
  });

  test.each([
    ['an unknown policy', 'hope', {}, 'There is no policy “hope”. Choose one of: confidence, confidence-per-exit,'],
    ['a policy named like a part of every object', 'constructor', {}, 'There is no policy “constructor”'],
    ['an unknown parameter', 'confidence', { patience: 3 }, 'The policy “confidence” has no parameter “patience”.'],
    ['a value above its range', 'confidence', { edgeThreshold: 1.01 }, 'Edge threshold must be from 0 to 1, not 1.01.'],
    ['a value below its range', 'patience', { patience: 0 }, 'Patience must be from 1 to 12, not 0.'],
    ['a part of a whole', 'patience', { patience: 2.5 }, 'Patience must be a whole number, not 2.5.'],
    [
      'a value that is no number',
      'entropy',
      { mobileThreshold: NaN },
      'Mobile threshold must be from 0 to 1.1, not NaN.',
    ],
  ])('refuses %s with BAD_INPUT and says what is possible', (_, id, parameters: PolicyParameters, message) => {
    const resolve = () => resolvePolicy({ id, parameters }, 12);
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
    expect(exitLayer('entropy', { mobileThreshold: -scoreOf('entropy', exits.slice(1, 2)) }, exits)).toBe(2);
  });

  test('a threshold of 0 is never reached, not even by an entropy that is 0 in floating point', () => {
    expect(exitLayer('entropy', { mobileThreshold: 0 }, exitsOf([[800, 0]], [1]))).toBeUndefined();
  });
});

describe('confidence, exit by exit', () => {
  // Layers 1, 6 and 11 ask for 0.9, 0.8 and 0.7: 0.02 less a layer.
  const line = { firstThreshold: 0.9, lastThreshold: 0.7 };
  const sure = (p: number) => [p, 1 - p];
  const unsure = (layers: number) => new Array<number[]>(layers).fill(sure(0.6));

  test.each([
    [1, 0.9],
    [2, 0.88],
    [6, 0.8],
    [11, 0.7],
  ])('asks for less from layer to layer: at layer %i for %f', (layer, threshold) => {
    const upTo = (p: number) => exitsWith(...unsure(layer - 1), sure(p));
    expect(exitLayer('confidence-per-exit', line, upTo(threshold + 1e-9))).toBe(layer);
    expect(exitLayer('confidence-per-exit', line, upTo(threshold - 1e-9))).toBeUndefined();
  });

  test('does not mind which tier runs a layer', () => {
    const exits = exitsWith(...unsure(5), sure(0.81));
    for (const mobileLayers of [1, 5, 6, 12]) {
      const plan = { mobileLayers, edgeLayers: 12 };
      expect(exitLayer('confidence-per-exit', line, exits, { plan })).toBe(6);
    }
  });

  test('with both thresholds at 1 nothing leaves before the last layer', () => {
    const certain = exitsOf(new Array<number[]>(12).fill([800, 0]), new Array<number>(12).fill(1));
    expect(exitLayer('confidence-per-exit', { firstThreshold: 1, lastThreshold: 1 }, certain)).toBe(12);
  });
});

describe('joint split and exit', () => {
  const exits = exitsWith([0.6, 0.4], [0.7, 0.3], [0.2, 0.8], [0.9, 0.1], [0.05, 0.95]);
  const leavesAt = (threshold: number, mobileLayers = 4) =>
    exitLayer('spinn', { threshold }, exits, { plan: { mobileLayers, edgeLayers: 8 } });

  test('leaves at the first exit that reaches the one threshold', () => {
    expect([0, 0.6, 0.75, 0.85, 0.94, 0.96].map((threshold) => leavesAt(threshold))).toEqual([
      1,
      1,
      3,
      4,
      5,
      undefined,
    ]);
  });

  test('leaves at a confidence that equals the threshold', () => {
    expect(leavesAt(exits[1]?.confidence ?? 0)).toBe(2);
  });

  test('does not mind which tier runs a layer', () => {
    expect([1, 3, 5, 8].map((mobileLayers) => leavesAt(0.94, mobileLayers))).toEqual([5, 5, 5, 5]);
  });

  test('a threshold of 1 is never reached', () => {
    expect(exitLayer('spinn', { threshold: 1 }, exitsOf([[800, 0]], [1]))).toBeUndefined();
  });
});

describe('normalised entropy', () => {
  test('is 1 where all classes are equally probable, whatever their number', () => {
    for (const classes of [2, 3, 7]) {
      const even = exitsWith(new Array<number>(classes).fill(1 / classes));
      expect(scoreOf('normalised-entropy', even)).toBeCloseTo(-1, 12);
    }
  });

  test('leaves at the first exit whose entropy is small enough', () => {
    // Of ln 3: 1, 0.946, 0.639.
    const exits = exitsWith([1 / 3, 1 / 3, 1 / 3], [0.5, 0.25, 0.25], [0.8, 0.1, 0.1], [0.98, 0.01, 0.01]);
    const leavesAt = (mobileThreshold: number) => exitLayer('normalised-entropy', { mobileThreshold }, exits);
    expect([1, 0.95, 0.7, 0.5].map(leavesAt)).toEqual([1, 2, 3, 4]);
  });

  test('a threshold of 0 is never reached, not even by an entropy that is 0 in floating point', () => {
    expect(exitLayer('normalised-entropy', { mobileThreshold: 0 }, exitsOf([[800, 0]], [1]))).toBeUndefined();
  });
});

describe('margin', () => {
  test('leaves at the first exit whose best class leads by the threshold, wherever the two stand', () => {
    // Leads of 0, 0.2, 0.45 and 0.7.
    const exits = exitsWith([0.4, 0.2, 0.4], [0.3, 0.2, 0.5], [0.7, 0.05, 0.25], [0.1, 0.8, 0.1]);
    const leavesAt = (mobileThreshold: number) => exitLayer('margin', { mobileThreshold }, exits);
    expect([0, 0.19, 0.44, 0.69, 0.71].map(leavesAt)).toEqual([1, 2, 3, 4, undefined]);
  });

  test('a threshold of 1 is never reached', () => {
    expect(exitLayer('margin', { mobileThreshold: 1 }, exitsOf([[800, 0]], [1]))).toBeUndefined();
  });
});

describe('saturation', () => {
  const turned = (...saturations: (number | undefined)[]) =>
    exitsWith(...saturations.map(() => [0.5, 0.5])).map((exit, index) => ({ ...exit, saturation: saturations[index] }));

  test('leaves at the first layer that turns the hidden state by little enough', () => {
    const exits = turned(0.7, 0.86, 0.92, 0.8, 0.88);
    const leavesAt = (mobileThreshold: number) =>
      exitLayer('saturation', { mobileThreshold, edgeThreshold: 0.87 }, exits);
    expect([0.6, 0.86, 0.9, 0.95].map(leavesAt)).toEqual([1, 2, 3, 5]);
  });

  test('does not guess where a layer was run without measuring', () => {
    expect(exitLayer('saturation', { mobileThreshold: 0.9 }, turned(0.7, undefined, 0.95))).toBeUndefined();
    expect(exitLayer('saturation', { mobileThreshold: 0.6 }, turned(0.7, undefined, 0.95))).toBe(1);
  });
});

describe('patient and confident', () => {
  const certainties = (...confidences: number[]) => exitsWith(...confidences.map((p) => [p, 1 - p]));

  test('leaves once so many exits in a row are each confident', () => {
    const exits = certainties(0.95, 0.8, 0.92, 0.97, 0.99);
    const leavesAt = (patience: number, threshold: number) =>
      exitLayer('patient-and-confident', { patience, threshold }, exits);
    expect([1, 2, 3, 4].map((patience) => leavesAt(patience, 0.9))).toEqual([1, 4, 5, undefined]);
    expect([0.75, 0.9, 0.93].map((threshold) => leavesAt(2, threshold))).toEqual([2, 4, 5]);
  });

  test('counts exits that are sure of different classes, and counts across tiers', () => {
    const exits = exitsWith([0.9, 0.1], [0.1, 0.9], [0.9, 0.1], [0.1, 0.9], [0.9, 0.1]);
    expect(exitLayer('patient-and-confident', { patience: 5, threshold: 0.85 }, exits)).toBe(5);
  });

  test('a threshold of 1 is never reached', () => {
    const exits = exitsOf([[800, 0]], [1]);
    expect(exitLayer('patient-and-confident', { patience: 1, threshold: 1 }, exits)).toBeUndefined();
  });
});

describe('the oracle', () => {
  const exits = exitsWith([0.9, 0.1], [0.2, 0.8], [0.9, 0.1]);

  test('leaves at the first exit that is right', () => {
    expect(exitLayer('oracle', {}, exits, { sample: { gold: 0 } })).toBe(1);
    expect(exitLayer('oracle', {}, exits, { sample: { gold: 1 } })).toBe(2);
  });

  test('goes to the last layer where none is', () => {
    const wrong = exitsWith(...new Array<number[]>(12).fill([0.9, 0.1]));
    expect(exitLayer('oracle', {}, wrong.slice(0, 11), { sample: { gold: 1 } })).toBeUndefined();
    expect(exitLayer('oracle', {}, wrong, { sample: { gold: 1 } })).toBe(12);
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
    const exits = exitsWith(yes, no, no, yes);
    expect(exits.map((_, index) => scoreOf('patience', exits.slice(0, index + 1)))).toEqual([1, 1, 2, 1]);
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

describe('properties', async () => {
  const fitted = await fakeFitted();

  /** Parameters that let samples go sooner where they are raised. */
  const LOOSER_ABOVE: Readonly<Record<string, readonly string[]>> = {
    entropy: ['mobileThreshold', 'edgeThreshold', 'cloudThreshold'],
    'normalised-entropy': ['mobileThreshold', 'edgeThreshold', 'cloudThreshold'],
    quota: ['share'],
    'expected-loss': ['mobileThreshold', 'edgeThreshold', 'cloudThreshold'],
    'risk-controlled': ['disagreement'],
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
