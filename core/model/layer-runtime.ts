import type { HiddenState } from '../hidden-state';
import type { LayerIndex } from '../layers';
import type { Texts, Tokens } from './tokens';

/** Runs the encoder one layer at a time. */
export interface LayerRuntime {
  tokenize(texts: Texts): Promise<Tokens>;
  /** Layer 0: `[tokens]` ids to `[tokens, hidden]`. */
  embed(tokens: Tokens): Promise<HiddenState>;
  /** Layer `layer` on the state of the one before; the logits cover all classes of all tasks. The input is not changed. */
  runLayer(layer: LayerIndex, state: HiddenState): Promise<{ state: HiddenState; logits: Float32Array }>;
}
