import { DimeeError } from '../../core/errors';
import type { Addressee } from './request';
import type { ModelMetadata } from './messages';

/** Under this key an engine may list the variants that it serves, with commas between. */
const VARIANTS = 'variants';

/** @throws DimeeError `MODEL_MISMATCH` where the engine serves another model, naming both. */
export function checkModel(
  { name, versions, properties }: ModelMetadata,
  { manifest, variant }: Addressee,
  url: string,
): void {
  const expected = `${manifest.id} of hash ${manifest.hash}`;
  if (name !== manifest.id || !versions.includes(manifest.hash)) {
    const serves = `${name || 'a model without a name'} of hash ${versions.join(', ') || 'unknown'}`;
    throw mismatch(url, `must serve ${expected}, and serves ${serves}. Give both the same model.`);
  }
  const variants = properties[VARIANTS]?.split(',').map((each) => each.trim());
  if (variants && !variants.includes(variant)) {
    throw mismatch(url, `must serve variant “${variant}” of ${manifest.id}, and serves ${variants.join(', ')}.`);
  }
}

function mismatch(url: string, problem: string): DimeeError {
  return new DimeeError('MODEL_MISMATCH', `The cloud tier at ${url} ${problem}`);
}
