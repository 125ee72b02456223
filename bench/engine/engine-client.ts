import { DEFAULT_MODEL_FOLDER } from '../../edge-server/configuration';
import { ModelFolder } from '../../edge-server/model-folder';
import { readEngineUrl } from '../../edge-server/open-inference/address';
import { OpenInferenceTier } from '../../edge-server/open-inference/open-inference-tier';
import { OnnxRuntimes } from '../../edge-server/runtimes';
import { CODES_AT_ONCE } from '../../core/payload/state-coder';
import { NO_CODECS } from '../../core/payload/state-codecs';

/** The way to an engine as an edge has it, without an edge. */
export async function engineClient(url: string, variant: string): Promise<OpenInferenceTier> {
  const address = readEngineUrl(url);
  if (!address) throw new Error(`${url} is no engine's address.`);
  const model = await ModelFolder.open(DEFAULT_MODEL_FOLDER);
  const nothing = () => undefined;
  return new OpenInferenceTier({
    ...{ url, address, manifest: model.manifest, variant, codecs: NO_CODECS, coder: CODES_AT_ONCE },
    runtime: new OnnxRuntimes(model, { threads: 1 }).of(variant),
    keyOf: () => 'bench',
    now: () => performance.now(),
    onStatus: nothing,
    log: nothing,
  });
}
