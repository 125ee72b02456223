import { DimeeError } from '../../core/errors';
import type { ModelFile } from '../../core/model/manifest';

/**
 * A file of the model, for the page itself. Its address changes with its bytes, so that no cache brings an old one.
 * @throws DimeeError `MODEL_UNAVAILABLE` where the server has none; what `fetch` throws where there is no server.
 */
export async function fetchModelFile({ path, sha256 }: ModelFile, modelUrl: URL): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL(`${path}?sha=${sha256.slice(0, 16)}`, modelUrl));
  if (!response.ok) throw new DimeeError('MODEL_UNAVAILABLE', `The server answered ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}
