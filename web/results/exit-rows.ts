import { at } from '../../core/numbers/at';
import { TIERS, toLayer } from '../../core/layers';
import { NOT_CLIMBED } from '../../core/ladder/outcome';
import type { Texts } from '../../core/model/tokens';
import type { ExitColumns } from '../../core/own-data/exit-record';
import { remarksOf, type RowTraits } from '../../core/trace/row-traits';
import type { ResultRow, RowSource } from './row-source';

/** What rows are made of that were run to where they were settled, and no further. */
export interface SettledRows {
  readonly name: string;
  readonly labels: readonly string[];
  /** Layers of the whole network. */
  readonly layers: number;
  readonly exits: ExitColumns;
  readonly gold: Uint8Array | undefined;
  readonly written?: { readonly texts: readonly Texts[]; readonly lines: Uint32Array } | undefined;
}

/** The parts of a cost are not kept row by row. */
const UNKNOWN_PARTS = { mobile: Number.NaN, edge: Number.NaN, cloud: Number.NaN, offloading: Number.NaN };

/** Rows of a file of which only their answers are known. */
export class ExitRows implements RowSource {
  readonly kind = 'file';
  readonly hasAllExits = false;
  readonly times = 'unknown';
  #traits: RowTraits | undefined;

  constructor(private readonly of: SettledRows) {}

  get name() {
    return this.of.name;
  }

  get labels() {
    return this.of.labels;
  }

  get count() {
    return this.of.exits.exitLayers.length;
  }

  get hasTexts() {
    return this.of.written !== undefined;
  }

  get hasGold() {
    return this.of.gold !== undefined;
  }

  get traits(): RowTraits {
    this.#traits ??= this.#makeTraits();
    return this.#traits;
  }

  numberOf(index: number): number {
    return this.of.written?.lines[index] ?? index + 1;
  }

  rowAt(index: number): ResultRow | undefined {
    const { exits, written, gold } = this.of;
    if (index >= this.count) return undefined;
    const [label, confidence] = [at(exits.labels, index), at(exits.confidences, index)];
    const exit = { layer: toLayer(at(exits.exitLayers, index)), label, confidence, logits: [], probabilities: [] };
    const tier = at(TIERS, at(exits.tiers, index));
    const unknown = { firstAnswer: undefined, stretches: [], costParts: UNKNOWN_PARTS, latencyMs: Number.NaN };
    return {
      texts: written?.texts[index],
      climbed: NOT_CLIMBED,
      outcome: { exit, tier, cost: at(exits.costs, index), ...unknown, bytesUp: Number.NaN, bytesDown: Number.NaN },
      gold: gold?.[index],
    };
  }

  #makeTraits(): RowTraits {
    const { exits, gold, layers } = this.of;
    const remarks = exits.labels.map((label, row) =>
      remarksOf({ label, layer: at(exits.exitLayers, row), labels: [], layers, gold: gold?.[row] }),
    );
    return { layers: exits.exitLayers, tiers: exits.tiers, remarks };
  }
}
