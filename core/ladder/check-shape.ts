import { DimeeError } from '../errors';
import type { Manifest } from '../model/manifest';

/** @throws DimeeError `BAD_INPUT` for a hidden state that cannot be this model's. */
export function checkShape(
  { tokens, hidden }: { readonly tokens: number; readonly hidden: number },
  model: Pick<Manifest, 'hidden' | 'maxTokens'>,
): void {
  if (hidden === model.hidden && tokens <= model.maxTokens) return;
  const shape = `[${tokens}, ${hidden}]`;
  throw new DimeeError('BAD_INPUT', `A hidden state must be [1 to ${model.maxTokens}, ${model.hidden}], not ${shape}.`);
}
