import { describe, expect, it } from 'vitest';
import type { Decision } from '../policies/decision';
import { stretchesOf, toLayer } from '../layers';
import { defaultParameters, type Policy, policyById } from '../policies';
import { settlingTrace } from '../testing/settling-trace';
import { calibrateTrace } from '../trace/calibrated-trace';
import { allCloudJourneys, traceJourneys, wayOf } from './trace-journeys';

const plan = { mobileLayers: 4, edgeLayers: 8 };
const trace = { ...settlingTrace('sst2', 2, [1, 1, 1]), tokens: Uint16Array.of(5, 6, 7) };
const calibrated = calibrateTrace(trace, new Array<number>(12).fill(1));

function decisionOf(policy: Policy): Decision {
  return { policy, parameters: defaultParameters(policy, 12), stretches: stretchesOf(policy.route, plan, 12) };
}

/** Sends each sample whole to a tier of its own, as pool routing does. */
const choosing: Policy = { ...policyById('confidence'), tierFor: () => 'edge' };

describe('journeys of a trace', () => {
  const evaluation = { exitLayers: Uint8Array.of(4, 8, 12), tiers: Uint8Array.of(0, 1, 2) };

  it('take the stretches of the decision, to the layer where each row leaves', () => {
    const decision = decisionOf(policyById('confidence'));
    expect(traceJourneys(calibrated, evaluation, decision)).toEqual([
      { stretches: decision.stretches, exitLayer: 4, tokens: 5 },
      { stretches: decision.stretches, exitLayer: 8, tokens: 6 },
      { stretches: decision.stretches, exitLayer: 12, tokens: 7 },
    ]);
  });

  it('go whole to the tier that answered where the policy chooses one', () => {
    const stretches = traceJourneys(calibrated, evaluation, decisionOf(choosing)).map((journey) => journey.stretches);
    expect(stretches).toEqual([
      [{ tier: 'mobile', firstLayer: 1, lastLayer: 4 }],
      [{ tier: 'edge', firstLayer: 1, lastLayer: 8 }],
      [{ tier: 'cloud', firstLayer: 1, lastLayer: 12 }],
    ]);
  });

  it('of a sample that a device ran deeper than its own layers go to the tier that was meant', () => {
    expect(wayOf(decisionOf(choosing), 'mobile', toLayer(8))).toEqual([{ tier: 'edge', firstLayer: 1, lastLayer: 8 }]);
  });

  it('can all go whole to the cloud', () => {
    const journeys = traceJourneys(calibrated, evaluation, decisionOf(policyById('confidence')));
    const whole = allCloudJourneys([{ ...journeys[0], textBytes: 9 } as (typeof journeys)[0]], plan, 12);
    const stretches = [{ tier: 'cloud', firstLayer: 1, lastLayer: 12 }];
    expect(whole).toEqual([{ stretches, exitLayer: 12, tokens: 5, textBytes: 9 }]);
  });
});
