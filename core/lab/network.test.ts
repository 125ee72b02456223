import { describe, expect, it } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import { hasCode } from '../errors';
import { stretchesOf, toLayer } from '../layers';
import { type Equipment } from '../network/equipment';
import { modelJourney } from '../network/journey';
import { accessOf, NETWORKS } from '../network/profiles';
import { fakeCalibration } from '../testing/fake-policy-files';
import { settlingTrace } from '../testing/settling-trace';
import { calibrateTrace } from '../trace/calibrated-trace';
import { networkRowsOf, planNetwork } from './network';
import type { LabSetting } from './setting';

const ones = new Array<number>(12).fill(1);
const custom = { roundTripMs: 10, upMbps: 5, downMbps: 5, jitterMs: 0 };
const equipment: Equipment = {
  layerMs: { mobile: 8, edge: 4, cloud: 2 },
  edgeToCloudMs: 20,
  stateBytesPerToken: new Array<number>(12).fill(388),
};
const plan = { mobileLayers: 4, edgeLayers: 8 };
const setting: LabSetting = {
  evaluation: calibrateTrace(settlingTrace('sst2', 2, [1, 3, 9]), ones),
  calibration: calibrateTrace(fakeCalibration(), ones),
  fitted: {},
  ...{ layers: 12, hidden: 384, plan, costs: DEFAULT_COSTS },
};

describe('a policy over the networks', () => {
  // All exits are 0.88 sure: with these thresholds every row leaves at layer 5.
  const policy = { id: 'confidence', parameters: { mobileThreshold: 0.9, edgeThreshold: 0.8 } };
  const rows = networkRowsOf(setting, { policy, equipment, custom, networks: NETWORKS });

  it('has the time of its exits, and that of all text sent to the cloud', () => {
    expect(rows.map(({ network }) => network)).toEqual(NETWORKS);
    for (const { network, policy: run, allCloud } of rows) {
      const access = accessOf(network, custom);
      const timeOf = (route: 'cascade' | 'cloud', exitLayer: number) =>
        modelJourney(
          { stretches: stretchesOf(route, plan, 12), exitLayer: toLayer(exitLayer), tokens: 4 },
          equipment,
          access,
        ).latencyMs;
      expect(run.meanMs).toBeCloseTo(timeOf('cascade', 5), 9);
      if (access) expect(allCloud?.meanMs).toBeCloseTo(timeOf('cloud', 12), 9);
      else expect(allCloud).toBeUndefined();
    }
  });

  it('that lacks something says so', () => {
    const lacking = { id: 'quota', parameters: {} };
    const ask = () => networkRowsOf(setting, { policy: lacking, equipment, custom, networks: ['4g'] });
    expect(ask).toThrow(expect.toSatisfy((error) => hasCode(error, 'BAD_INPUT')));
  });
});

describe('a plan for a network', () => {
  const job = { network: '3g', custom, equipment, aim: { kind: 'allowedLoss', points: 100 } } as const;

  it('is made on the calibration split and measured on the rows that are reported on', () => {
    const { joint, quality, run, costCutPercent } = planNetwork(setting, job);
    // Any loss is allowed, so every row leaves at layer 1, where one of three is right.
    expect(joint).toMatchObject({ plan: { mobileLayers: 1, edgeLayers: 1 }, threshold: 0, isReached: true, meanMs: 1 });
    expect(quality.accuracy).toBeCloseTo(1 / 3, 9);
    expect(run.meanMs).toBeCloseTo(1, 9);
    expect(costCutPercent).toBeCloseTo(100 * (1 - 1 / 17), 9);
  });

  it('does not look at the rows that are reported on', () => {
    const other = { ...setting, evaluation: calibrateTrace(settlingTrace('sst2', 2, [12, 12]), ones) };
    const strict = { ...job, aim: { kind: 'timeLimit', ms: 200 } } as const;
    expect(planNetwork(other, strict).joint).toEqual(planNetwork(setting, strict).joint);
  });

  it('cannot be made without a calibration split', () => {
    const ask = () => planNetwork({ ...setting, calibration: undefined }, job);
    expect(ask).toThrow('A plan needs a recorded calibration split');
  });
});
