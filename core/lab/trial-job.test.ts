import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import { hasCode } from '../errors';
import { fakeCalibration, fakeFitted, fakeModelWithPolicyFiles, fakePolicyData } from '../testing/fake-policy-files';
import { settlingTrace } from '../testing/settling-trace';
import { calibrateTrace } from '../trace/calibrated-trace';
import { tryContender } from './contenders';
import { optimisePolicy } from './optimise-job';
import type { LabSetting } from './setting';
import { contenderById, rowOf } from './trial-job';
import { measure } from './trial-result';

/** Every row is expected to lose the mean of its layer, whatever its confidence: see `optimise.test.ts`. */
const expectedLosses = [0.3, 0.3, 0.3, 0.3, 0.1, 0.1, 0, 0, 0, 0, 0].map((loss) => ({
  changes: { weight: 0, bias: Math.log(loss / (1 - loss)) },
  lastIsRight: { weight: 0, bias: 30 },
}));
const fitted = { ...(await fakeFitted()), data: fakePolicyData({ expectedLosses }) };
const temperatures = new Array<number>(12).fill(1);
const aim = { kind: 'allowedLoss', points: 10 } as const;
// Two to the mobile tier, one to the edge, two to the cloud.
const poolDistances = Float32Array.of(1, 2, 3, 1, 2, 3, 2, 1, 3, 3, 2, 1, 3, 2, 1);
const evaluation = calibrateTrace({ ...settlingTrace('sst2', 2, [1, 1, 1, 3, 6]), poolDistances }, temperatures);
// Patience 4 is expected to lose 8 points here, and loses one row of ten (see `optimise.test.ts`); 3 loses three.
const calibration = calibrateTrace(settlingTrace('sst2', 2, [1, 1, 1, 1, 1, 1, 1, 5, 5, 7]), temperatures);
const setting: LabSetting = {
  ...{ evaluation, calibration, fitted, layers: 12, hidden: 384 },
  ...{ plan: { mobileLayers: 4, edgeLayers: 8 }, costs: DEFAULT_COSTS },
};

describe('one policy’s row', () => {
  test('is the one that it has beside all others', () => {
    const policies = ['patience', 'quota', 'saturation', 'dimee-pools', 'fixed-exit', 'oracle', 'splitee'];
    const trials = policies.map((id) => tryContender(contenderById(id), setting, aim));
    const together = measure('sst2', trials).map(({ row }) => row);
    expect(policies.map((policy) => rowOf(setting, { policy, aim }))).toEqual(together);
    expect(together.filter(({ result }) => result)).toHaveLength(policies.length - 1);
  });

  test('routes by pools, as recorded', () => {
    expect(rowOf(setting, { policy: 'dimee-pools', aim })).toMatchObject({
      ...{ task: 'sst2', rows: 5, parameters: {}, isAimReached: null, missing: null },
      result: {
        ...{ accuracy: 1, lossPoints: 0, lossInterval: [0, 0], shares: { mobile: 2 / 5, edge: 1 / 5, cloud: 2 / 5 } },
        costCutPercent: expect.closeTo(100 * (1 - (4 + 4 + 10 + 17 + 17) / 5 / 17), 9),
        // The last row is right from layer 6 on: two of five random tiers would have it wrong.
        overRandom: { points: expect.closeTo(8, 9), interval: [0, expect.closeTo(24, 9)] },
      },
    });
    expect(rowOf(setting, { policy: 'dimec-dc-pools', aim })).toMatchObject({
      ...{ rows: 0, result: null, missing: 'distances to its pools, which were not recorded here' },
    });
  });

  test('has a gain over random tiers where a tier is chosen beforehand, and in no other row', () => {
    const { result } = rowOf(setting, { policy: 'all-mobile', aim });
    expect(result?.gainPoints).toBeDefined();
    expect(result).not.toHaveProperty('overRandom');
  });

  test('is of the plan and the costs of its setting', () => {
    const dear = { ...setting, plan: { mobileLayers: 6, edgeLayers: 8 }, costs: { ...DEFAULT_COSTS, mobileLayer: 2 } };
    const { result } = rowOf(dear, { policy: 'all-mobile', aim });
    expect(result?.costCutPercent).toBeCloseTo(100 * (1 - 12 / 17), 9);
  });

  test('says what is missing where there is nothing to choose on', () => {
    const without = { ...setting, calibration: undefined };
    expect(rowOf(without, { policy: 'patience', aim }).missing).toMatch(/^a recorded calibration split/);
    expect(rowOf(without, { policy: 'all-edge', aim }).result).toMatchObject({ layersSaved: 4 });
  });

  test('is refused for a policy that there is not', () => {
    const asking = () => rowOf(setting, { policy: 'hope', aim });
    expect(asking).toThrow(expect.toSatisfy((error) => hasCode(error, 'BAD_INPUT')));
  });
});

describe('the best parameters', () => {
  test('come with what they do where they were chosen, and elsewhere', () => {
    const { row, onCalibration } = optimisePolicy(setting, { policy: 'patience', aim, current: { patience: 6 } });
    expect(row).toEqual(rowOf(setting, { policy: 'patience', aim }));
    expect(row).toMatchObject({ parameters: { patience: 4 }, isAimReached: true });
    expect(row.expectedLossPoints).toBeCloseTo(8, 3);
    expect(row.result?.lossPoints).toBeCloseTo(20, 9);
    expect(onCalibration).toMatchObject({ accuracy: 0.9, lossPoints: expect.closeTo(10, 9) });
    expect(onCalibration?.costCutPercent).toBeCloseTo(100 * (1 - (8 * 7 + 2 * 14) / 10 / 17), 9);
  });

  test('are those that a wished cost asks for', () => {
    const wish = { kind: 'equalCost', costCutPercent: 99 } as const;
    expect(optimisePolicy(setting, { policy: 'patience', aim: wish, current: { patience: 0 } }).row).toMatchObject({
      ...{ parameters: { patience: 0 }, isAimReached: false },
    });
  });

  test('stand beside those that the policy has: dearer ones, cheaper ones that miss the aim, and the same', () => {
    const beside = (patience: number) =>
      optimisePolicy(setting, { policy: 'patience', aim, current: { patience } }).before;
    // With 6 all ten rows are right, at the cost of layer 7 and, of the last three, of 12.
    expect(beside(6)).toMatchObject({ isAimReached: true, isBetter: false, onCalibration: { accuracy: 1 } });
    // With 3 three rows are lost: more than 10 points, and cheaper.
    expect(beside(3)).toMatchObject({ isAimReached: false, isBetter: false, onCalibration: { accuracy: 0.7 } });
    expect(beside(4)).toMatchObject({ isAimReached: true, isBetter: true });
    // Row 4 leaves right at 3 + 4, row 5 wrong: one of five rows is lost.
    expect(beside(4)?.result.lossPoints).toBeCloseTo(20, 9);
    expect(beside(4)?.onCalibration.expectedLossPoints).toBeCloseTo(8, 3);
  });

  test('are no better than any that keep to a wish which nothing was found for', () => {
    const wish = { kind: 'equalCost', costCutPercent: 90 } as const;
    const { before } = optimisePolicy(setting, { policy: 'patience', aim: wish, current: { patience: 0 } });
    expect(before).toMatchObject({ isAimReached: true, isBetter: true });
  });

  test('are not said of what has none, or lacks something', () => {
    for (const policy of ['all-edge', 'saturation']) {
      expect(optimisePolicy(setting, { policy, aim, current: {} })).toMatchObject({
        onCalibration: null,
        before: null,
      });
    }
  });
});

test('chooses by the calibration split that the setting has', async () => {
  const { policyFiles } = fakeModelWithPolicyFiles(undefined, fakeCalibration(40));
  const smaller = await policyFiles.calibrationOf('sst2');
  const here = optimisePolicy(
    { ...setting, calibration: smaller },
    { policy: 'patience', aim, current: { patience: 2 } },
  );
  expect(here.row.expectedLossPoints).not.toBeCloseTo(8, 3);
});
