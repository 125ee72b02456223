import { describe, expect, test } from 'vitest';
import { hasCode } from '../errors';
import { parametersOf, defaultParameters, POLICIES, policyById, resolvePolicy, type PolicyParameters } from '.';
import { POLICY_GROUPS } from './policy';

describe('the list of policies', () => {
  test('has every policy once, with its source and its rule', () => {
    expect(POLICIES.map((policy) => policy.id)).toEqual([
      ...['confidence', 'confidence-per-exit', 'margin', 'entropy', 'normalised-entropy', 'spinn'],
      ...['patience', 'patient-and-confident', 'ensemble', 'ensemble-by-cost', 'saturation'],
      ...['fusion', 'edge-ensemble', 'dimee-pools', 'dimec-dc-pools'],
      ...['learned-exit', 'quota', 'risk-controlled', 'fast-yet-safe', 'expected-loss', 'class-thresholds'],
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
    expect(defaultParameters(policyById('patience'), 12)).toEqual({ patience: 3 });
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
    ['a value below its range', 'patience', { patience: -1 }, 'Patience must be from 0 to 12, not -1.'],
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
