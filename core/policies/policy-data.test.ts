import { describe, expect, test } from 'vitest';
import { hasCode } from '../errors';
import { fakeManifest } from '../testing/fake-manifest';
import { fakePolicyData } from '../testing/fake-policy-files';
import { availableLive } from './needs';
import { parsePolicyData } from './policy-data';

const manifest = fakeManifest();
const parse = (data: unknown) => parsePolicyData(JSON.stringify(data), 'sst2', manifest);

describe('the numbers fitted for a task', () => {
  test('are taken as they are', () => {
    expect(parse(fakePolicyData())).toEqual(fakePolicyData());
  });

  test('need not have pools from training dynamics', () => {
    const { dimee } = fakePolicyData().pools;
    const data = parse({ ...fakePolicyData(), pools: { dimee } });
    expect(data.pools).toEqual({ dimee });
    const available = availableLive({ data, pools: data.pools }, 1);
    expect([available.poolDistances, available.dynamicsDistances]).toEqual([true, false]);
  });

  test('may stand beside others, which no policy looks at', () => {
    expect(parse({ ...fakePolicyData(), operatingPoints: [{ mobile: 0.93 }] })).toEqual(fakePolicyData());
  });

  const whole = fakePolicyData();
  const { quantiles, learnedExit, pools } = whole;
  test.each<[string, unknown, string]>([
    ['another format', { ...whole, format: 2 }, 'not valid at “format”'],
    ['another task', { ...whole, task: 'cola' }, 'are those of “cola”'],
    ['no error rates', { ...whole, errorRates: undefined }, 'not valid at “errorRates”'],
    ['an error rate that is none', { ...whole, errorRates: new Array(12).fill(1.5) }, 'not valid at “errorRates.0”'],
    ['too few error rates', { ...whole, errorRates: [0.1] }, '“errorRates” must be 1 × 12 numbers'],
    ['too few layers', { ...whole, quantiles: quantiles.slice(1) }, '“quantiles” must be 12 × 21 numbers'],
    ['too few quantiles', { ...whole, quantiles: quantiles.map((row) => row.slice(1)) }, 'not valid at “quantiles.0”'],
    [
      'a feature that nobody computes',
      { ...whole, learnedExit: { ...learnedExit, features: ['hope'] } },
      'not valid at “learnedExit.features.0”',
    ],
    [
      'no weight for the bias',
      { ...whole, learnedExit: { ...learnedExit, weights: learnedExit.weights.map((row) => row.slice(1)) } },
      '“learnedExit.weights” must be 12 × 6 numbers',
    ],
    ['too few expected losses', { ...whole, expectedLosses: [] }, '“expectedLosses” must be of 11 exits'],
    [
      'centroids of another model',
      { ...whole, pools: { ...pools, dimecDc: { shares: [1, 0, 0], centroids: [[1], [2], [3]] } } },
      '“pools.dimecDc.centroids” must be 3 × 8 numbers',
    ],
  ])('with %s are BAD_MANIFEST', (_, data, message) => {
    expect(() => parse(data)).toThrow(expect.toSatisfy((error) => hasCode(error, 'BAD_MANIFEST')));
    expect(() => parse(data)).toThrow(message);
  });

  test('that are not JSON are BAD_MANIFEST', () => {
    const parseText = () => parsePolicyData('<html>', 'sst2', manifest);
    expect(parseText).toThrow(expect.toSatisfy((error) => hasCode(error, 'BAD_MANIFEST')));
    expect(parseText).toThrow('are not JSON');
  });
});
