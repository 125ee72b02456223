import type { HiddenState } from '../../core/hidden-state';
import { DimeeError } from '../../core/errors';
import { type LayerIndex, toLayer } from '../../core/layers';
import type { Ascent, AscendingRuntime, ExitRule } from '../../core/ladder/ascent';
import type { LayerOutput } from '../../core/model/layer-runtime';
import type { Manifest } from '../../core/model/manifest';
import { estimatedTokens, type Texts, type Tokens } from '../../core/model/tokens';
import { lastOf } from '../../core/numbers/at';
import { type Asker, nobody } from '../../core/scheduling/asker';
import type { LayerPart, Part } from './jobs';
import type { Task } from './pool';
import { climb, doAlone } from './tasks';

/** The parts of a variant, each always the same object. */
export interface VariantParts {
  readonly variant: string;
  readonly tokenizer: Part;
  readonly embeddings: Part;
  readonly layers: readonly LayerPart[];
}

/** A variant's layers, each run in its turn by whichever worker is free, beside whoever waits for the same one. */
export class PooledRuntime implements AscendingRuntime {
  constructor(
    private readonly parts: VariantParts,
    private readonly model: Pick<Manifest, 'hidden' | 'maxTokens'>,
    private readonly add: (task: Task) => void,
  ) {}

  tokenize(texts: Texts, asker: Asker = nobody()): Promise<Tokens> {
    const tokens = estimatedTokens(texts, this.model.maxTokens);
    return doAlone(this.add, { job: 'tokenize', asked: { texts }, part: this.parts.tokenizer, tokens, asker });
  }

  async embed(sample: Tokens, asker: Asker = nobody()): Promise<HiddenState> {
    const { variant, embeddings: part } = this.parts;
    const tokens = sample.inputIds.length;
    const asked = { variant, tokens: sample };
    const data = await doAlone(this.add, { job: 'embed', asked, part, tokens, asker });
    return { tokens, hidden: this.model.hidden, data };
  }

  async runLayer(layer: LayerIndex, state: HiddenState, asker: Asker = nobody()): Promise<LayerOutput> {
    const { outputs, state: after } = await climb(this.add, { part: this.#partOf(layer), state }, asker);
    return { ...lastOf(outputs), state: after };
  }

  async ascend(state: HiddenState, rule: ExitRule, asker: Asker): Promise<Ascent> {
    const part = this.#partOf(toLayer(rule.priorLogits.length + 1));
    return climb(this.add, { part, state, rule }, asker);
  }

  #partOf(layer: LayerIndex): LayerPart {
    const { layers } = this.parts;
    const part = layers[layer - 1];
    if (part) return part;
    throw new DimeeError('BAD_INPUT', `The model has layers 1 to ${layers.length}, not ${layer}.`);
  }
}
