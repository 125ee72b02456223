import { DEFAULT_COSTS } from '../core/cost';
import { stretchesOf } from '../core/layers';
import { policyById } from '../core/policies';
import { qualityOf, summarise } from '../core/summary';
import { replay, scoreTrace } from '../core/trace/replay';
import { type Benchmark, median, timings } from './benchmark';
import { largestDevSplit } from './dev-split';

/** What the page does when a threshold moves: where every row of the largest dev split leaves, its cost, its accuracy. */
export const sliderReplay: Benchmark = {
  name: 'slider-replay',
  about: 'recomputing a dev split of 9,815 rows at a slider move',
  async run() {
    const { decode, layers } = await largestDevSplit();
    const policy = policyById('confidence');
    const preparingFrom = performance.now();
    const trace = scoreTrace(decode(), { policy, parameters: {} });
    const prepareMs = performance.now() - preparingFrom;
    const stretches = stretchesOf('cascade', { mobileLayers: 4, edgeLayers: 8 }, layers);
    let round = 0;
    const moves = await timings(200, () => {
      const threshold = 0.5 + (round++ % 100) / 200;
      const parameters = { mobileThreshold: threshold, edgeThreshold: threshold, cloudThreshold: 1 };
      const exitLayers = replay(trace, { policy, parameters, stretches });
      summarise(exitLayers, trace.layers, stretches, DEFAULT_COSTS);
      qualityOf(exitLayers, trace.labels, trace.gold, trace.layers);
    });
    return {
      claim: `recomputing ${trace.rows} rows at a slider move`,
      value: median(moves),
      bound: 8,
      unit: 'ms (median)',
      details: { slowestMs: Math.max(...moves), preparingATaskMs: prepareMs },
    };
  },
};
