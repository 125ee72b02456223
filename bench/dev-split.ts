import { readFile } from 'node:fs/promises';
import { DEFAULT_MODEL } from '../core/model/default-model';
import { type Manifest, type ModelFile, parseManifest, taskOf } from '../core/model/manifest';
import { type CalibratedTrace, calibrateTrace } from '../core/trace/calibrated-trace';
import { decodeTrace } from '../core/trace/trace-file';

const model = new URL(`../public/models/${DEFAULT_MODEL}/`, import.meta.url);

/** Where a file of the shipped model lies. */
export const modelFile = ({ path }: Pick<ModelFile, 'path'>): URL => new URL(path, model);

export async function shippedManifest(): Promise<Manifest> {
  return parseManifest(JSON.parse(await readFile(modelFile({ path: 'manifest.json' }), 'utf8')));
}

/** MNLI's dev split, the largest there is; `decode` does all the work that the page does at the first sight of a task. */
export async function largestDevSplit(): Promise<{ readonly layers: number; readonly decode: () => CalibratedTrace }> {
  const manifest = await shippedManifest();
  const { traces, temperatures } = taskOf(manifest, 'mnli');
  if (!traces.dev) throw new Error('The model brings no dev split of MNLI.');
  const file = await readFile(modelFile(traces.dev));
  return {
    layers: manifest.layers,
    decode: () => calibrateTrace(decodeTrace(new Uint8Array(file)), temperatures),
  };
}
