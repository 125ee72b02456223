import { defaultVariantOf, taskOf, variantOf } from '../../core/model/manifest';
import { at } from '../../core/numbers/at';
import { StateCodecs } from '../../core/payload/state-codecs';
import { calibratedParameters, policyById, resolveParameters } from '../../core/policies';
import { drawRecordedRows, type RecordedRowsOptions } from '../../core/trace/recorded-rows';
import { ModelFolder } from '../../edge-server/model-folder';
import { OnnxRuntimes } from '../../edge-server/runtimes';
import { devTracesOf, drawLengths } from './lengths';
import type { LoadOptions } from './load-options';
import { DECIDED_ON_DEVICE, type LoadPlan } from './run-load';
import { leavingAt, loadSamples, type SampleRow } from './samples';

/** Samples that differ; a load of more sends them again. A prime, so that every client sends all of them. */
const DIFFERENT_SAMPLES = 211;

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
  const { mobileLayers, edgeLayers } = options;
  const plan = { mobileLayers, edgeLayers };
  const rows = await rowsFor(options, model, { tasks, policyOf, plan });
  const made = await loadSamples(
    rows.filter((row) => row !== DECIDED_ON_DEVICE),
    {
      ...{ manifest, plan, from: options.from, payload: options.payload },
      runtime: new OnnxRuntimes(model, { threads: 1 }).of(variant),
      codecs: new StateCodecs(manifest, (file) => model.read(file)),
    },
  );
  let next = 0;
  const samples = rows.map((row) => (row === DECIDED_ON_DEVICE ? row : at(made, next++)));
  const hello = { modelHash: manifest.hash, variant, client: 'load', token: options.tokenFile?.reveal() };
  return { ...options, hello, samples };
}

async function rowsFor(
  { exits, lengths, seed, model: folder }: LoadOptions,
  model: ModelFolder,
  asked: Omit<RecordedRowsOptions, 'seed'>,
): Promise<(SampleRow | typeof DECIDED_ON_DEVICE)[]> {
  const { tasks, policyOf, plan } = asked;
  if (exits === 'recorded') {
    const recorded = await drawRecordedRows(model, DIFFERENT_SAMPLES, { ...asked, seed });
    return recorded.map(({ exitLayer, ...row }) =>
      exitLayer > plan.mobileLayers ? { ...row, policy: leavingAt(exitLayer) } : DECIDED_ON_DEVICE,
    );
  }
  const traces = devTracesOf(model.manifest, tasks);
  const tokens = await drawLengths(lengths, DIFFERENT_SAMPLES, seed, { traces, folder });
  return tokens.map((length, index) => {
    const task = at(tasks, index % tasks.length);
    return { task, tokens: length, policy: policyOf(task) };
  });
}
