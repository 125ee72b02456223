import { DEFAULT_MODEL_FOLDER } from '../../edge-server/configuration';
import { ModelFolder } from '../../edge-server/model-folder';
import { OnnxRuntimes } from '../../edge-server/runtimes';
import { NO_CODECS } from '../../core/payload/state-codecs';
import type { PolicyChoice } from '../../core/policies';
import { drawLengths } from '../load/lengths';
import { type LoadSample, loadSamples } from '../load/samples';

/** Layers of the device; what comes after them is the edge's, up to the last. */
export const MOBILE_LAYERS = 4;
/** No exit but the last is taken. */
export const TO_THE_TOP: PolicyChoice = { id: 'confidence', parameters: { mobileThreshold: 1, edgeThreshold: 1 } };

/** The shipped model, and samples of it after the mobile tier's layers, as int8. */
export async function edgeRows(
  variant: string,
  policy: PolicyChoice,
  { count = 192, from = 8, to = 64 } = {},
): Promise<readonly LoadSample[]> {
  const model = await ModelFolder.open(DEFAULT_MODEL_FOLDER);
  const lengths = await drawLengths({ from, to }, count, 19, { traces: [], folder: '' });
  const rows = lengths.map((tokens) => ({ task: 'sst2', tokens, policy }));
  return loadSamples(rows, {
    ...{ manifest: model.manifest, from: 'layer', payload: 'int8', codecs: NO_CODECS },
    plan: { mobileLayers: MOBILE_LAYERS, edgeLayers: model.manifest.layers },
    runtime: new OnnxRuntimes(model, { threads: 1 }).of(variant),
  });
}
