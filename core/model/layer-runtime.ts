import type { HiddenState } from '../hidden-state';
import type { LayerIndex } from '../layers';
import type { Asker } from '../scheduling/asker';
import type { Texts, Tokens } from './tokens';

export interface LayerOutput {
  readonly state: HiddenState;
  /** All classes of all tasks. */
  readonly logits: Float32Array;
  /** Milliseconds of computing, where the runtime tells them from what else its call took. */
  readonly computeMs?: number | undefined;
}

/** Runs the encoder one layer at a time. One that many share is told who asks, and gives each a turn. */
export interface LayerRuntime {
  tokenize(texts: Texts, asker?: Asker): Promise<Tokens>;
  /** Layer 0: `[tokens]` ids to `[tokens, hidden]`. */
  embed(tokens: Tokens, asker?: Asker): Promise<HiddenState>;
  /** Layer `layer` on the state of the one before. The input is not changed. */
  runLayer(layer: LayerIndex, state: HiddenState, asker?: Asker): Promise<LayerOutput>;
}
