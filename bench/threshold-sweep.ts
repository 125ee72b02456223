import type { Decision } from '../core/policies/decision';
import { stretchesOf } from '../core/layers';
import { defaultParameters, policyById } from '../core/policies';
import { sweep } from '../core/trace/sweep';
import { type Benchmark, timings, median } from './benchmark';
import { largestDevSplit } from './dev-split';

const STEPS = 200;

/** What a curve of cost against accuracy takes: a whole dev split under every setting of a threshold, scoring included. */
export const thresholdSweep: Benchmark = {
  name: 'threshold-sweep',
  about: 'replaying a dev split of 9,815 rows under 200 thresholds',
  async run() {
    const { decode, layers } = await largestDevSplit();
    const calibrated = decode();
    const stretches = stretchesOf('cascade', { mobileLayers: 4, edgeLayers: 8 }, layers);
    const sweepOf = (id: string, moved: readonly string[]) => {
      const policy = policyById(id);
      const decisions = Array.from({ length: STEPS }, (_, step): Decision => {
        const values = Object.fromEntries(moved.map((parameter) => [parameter, step / STEPS]));
        return { policy, parameters: { ...defaultParameters(policy, layers), ...values }, stretches };
      });
      return timings(10, () => sweep(calibrated, decisions));
    };
    const tiers = ['mobileThreshold', 'edgeThreshold'];
    return {
      claim: `replaying ${calibrated.trace.rows} rows under ${STEPS} thresholds`,
      value: median(await sweepOf('confidence', tiers)),
      bound: 250,
      unit: 'ms (median)',
      details: {
        entropyMs: median(await sweepOf('entropy', tiers)),
        patientAndConfidentMs: median(await sweepOf('patient-and-confident', ['threshold'])),
      },
    };
  },
};
