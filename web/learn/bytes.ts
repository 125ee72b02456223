import type { Manifest } from '../../core/model/manifest';
import { stateBytesPerToken } from '../../core/network/equipment';
import { TEXT_BYTES_PER_TOKEN } from '../../core/network/journey';
import { at } from '../../core/numbers/at';
import type { CalibratedTrace } from '../../core/trace/calibrated-trace';
import type { LearnFigures } from './figures';

/** Means over the sentences that leave this device: their hidden states as int8, and about what their texts take. */
export interface Traffic {
  readonly state: number;
  readonly text: number;
}

/** Undefined where no sentence crosses. */
export function bytesASentence(
  { trace: { tokens } }: CalibratedTrace,
  { method: { exitLayers }, plan: { mobileLayers } }: LearnFigures,
  manifest: Manifest,
): Traffic | undefined {
  const crossing = Array.from(tokens).filter((_, row) => at(exitLayers, row) > mobileLayers);
  if (crossing.length === 0) return undefined;
  const meanTokens = crossing.reduce((sum, count) => sum + count, 0) / crossing.length;
  const aToken = at(stateBytesPerToken(manifest, 'int8'), mobileLayers - 1);
  return { state: Math.round(meanTokens * aToken), text: Math.round(meanTokens * TEXT_BYTES_PER_TOKEN) };
}
