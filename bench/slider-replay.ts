import { readFile } from 'node:fs/promises';
import { DEFAULT_COSTS } from '../core/cost';
import { stretchesOf } from '../core/layers';
import { DEFAULT_MODEL } from '../core/model/default-model';
import { parseManifest, taskOf } from '../core/model/manifest';
import { policyById } from '../core/policies';
import { qualityOf, summarise } from '../core/summary';
import { prepareTrace, replay } from '../core/trace/replay';
import { decodeTrace } from '../core/trace/trace-file';
import { type Benchmark, median, timings } from './benchmark';

const model = new URL(`../public/models/${DEFAULT_MODEL}/`, import.meta.url);

/** What the page does when a threshold moves: where every row of the largest dev split leaves, its cost, its accuracy. */
export const sliderReplay: Benchmark = {
  name: 'slider-replay',
  about: 'recomputing a dev split of 9,815 rows at a slider move',
  async run() {
    const manifest = parseManifest(JSON.parse(await readFile(new URL('manifest.json', model), 'utf8')));
    const task = taskOf(manifest, 'mnli');
    const file = await readFile(new URL(task.traces.dev?.path ?? '', model));
    const policy = policyById('confidence');
    const preparingFrom = performance.now();
    const trace = prepareTrace(decodeTrace(new Uint8Array(file)), task, policy);
    const prepareMs = performance.now() - preparingFrom;
    const stretches = stretchesOf('cascade', { mobileLayers: 4, edgeLayers: 8 }, manifest.layers);
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
