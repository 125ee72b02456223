import { defaultVariantOf, taskOf, variantOf } from '../../core/model/manifest';
import { StateCodecs } from '../../core/payload/state-codecs';
import { calibratedParameters, policyById, resolveParameters } from '../../core/policies';
import { ModelFolder } from '../../edge-server/model-folder';
import { OnnxRuntimes } from '../../edge-server/runtimes';
import { devTracesOf, drawLengths } from './lengths';
import type { LoadOptions } from './load-options';
import type { LoadPlan } from './run-load';
import { loadSamples } from './samples';

/** Samples that differ; a load of more sends them again. */
const DIFFERENT_SAMPLES = 200;

/** All that a load needs, computed before it begins. @throws DimeeError for what the model does not have. */
export async function planLoad(options: LoadOptions): Promise<LoadPlan> {
  const model = await ModelFolder.open(options.model);
  const { manifest } = model;
  const variant = options.variant ?? defaultVariantOf(manifest, 'native');
  variantOf(manifest, variant);
  const tasks = options.tasks ?? Object.keys(manifest.tasks);
  const { id, parameters: given } = options.policy;
  const policy = policyById(id);
  const policyOf = (task: string) => {
    const calibrated = calibratedParameters(policy, manifest.layers, taskOf(manifest, task).thresholds);
    return { id, parameters: resolveParameters(policy, manifest.layers, { ...calibrated, ...given }) };
  };
  const traces = devTracesOf(manifest, tasks);
  const lengths = await drawLengths(options.lengths, DIFFERENT_SAMPLES, options.seed, {
    traces,
    folder: options.model,
  });
  const samples = await loadSamples({
    ...{ manifest, tasks, lengths, policyOf, from: options.from, payload: options.payload },
    plan: { mobileLayers: options.mobileLayers, edgeLayers: options.edgeLayers },
    runtime: new OnnxRuntimes(model, { threads: 1 }).of(variant),
    codecs: new StateCodecs(manifest, (file) => model.read(file)),
  });
  const hello = { modelHash: manifest.hash, variant, client: 'load' };
  return { ...options, hello, samples };
}
