import { DEFAULT_COSTS } from '../core/cost';
import { stretchesOf } from '../core/layers';
import { policyById } from '../core/policies';
import { evaluate } from '../core/trace/evaluate';
import { type Benchmark, timings, median } from './benchmark';
import { largestDevSplit } from './dev-split';

/** What the page does when a threshold moves: where every row of the largest dev split leaves, its cost, its accuracy. */
export const sliderReplay: Benchmark = {
  name: 'slider-replay',
  about: 'recomputing a dev split of 9,815 rows at a slider move',
  async run() {
    const { decode, layers } = await largestDevSplit();
    const policy = policyById('confidence');
    const stretches = stretchesOf('cascade', { mobileLayers: 4, edgeLayers: 8 }, layers);
    const moveTo = (threshold: number) => {
      const parameters = { mobileThreshold: threshold, edgeThreshold: threshold, cloudThreshold: 1 };
      return evaluate(trace, { policy, parameters, stretches }, DEFAULT_COSTS);
    };
    const preparingFrom = performance.now();
    const trace = decode();
    moveTo(0.5);
    const prepareMs = performance.now() - preparingFrom;
    let round = 0;
    const moves = await timings(200, () => moveTo(0.5 + (round++ % 100) / 200));
    return {
      claim: `recomputing ${trace.trace.rows} rows at a slider move`,
      value: median(moves),
      bound: 8,
      unit: 'ms (median)',
      details: { slowestMs: Math.max(...moves), preparingATaskMs: prepareMs },
    };
  },
};
