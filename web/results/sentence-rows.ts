import { TIERS } from '../../core/layers';
import { remarksOf, type RowTraits } from '../../core/trace/row-traits';
import type { SentenceSnapshot } from '../state/Sentences.svelte';
import type { SentenceRow } from '../state/shown-sentence';
import type { ResultRow, RowSource } from './row-source';

/** Kept with the row, which is the same object for as long as nothing of it changes. */
const remarksByRow = new WeakMap<SentenceRow, number>();

/** Sentences that a person typed, at one moment. */
export class SentenceRows implements RowSource {
  readonly kind = 'sentences';
  readonly hasTexts = true;
  readonly hasGold = false;
  readonly hasAllExits = false;
  readonly times = 'measured';
  #traits: RowTraits | undefined;

  constructor(
    private readonly snapshot: SentenceSnapshot,
    readonly name: string,
    readonly labels: readonly string[],
    /** Of the whole network. */
    private readonly layers: number,
  ) {}

  get count() {
    return this.snapshot.count;
  }

  /** As they stand in the totals: many thousands are not decided anew at once when a slider moves. */
  get traits(): RowTraits {
    this.#traits ??= this.#makeTraits();
    return this.#traits;
  }

  numberOf(index: number): number {
    return index + 1;
  }

  rowAt(index: number): ResultRow | undefined {
    return this.snapshot.rowAt(index);
  }

  #makeTraits(): RowTraits {
    const { count } = this;
    const traits = {
      layers: new Uint8Array(count),
      tiers: new Uint8Array(count),
      remarks: new Uint8Array(count),
    };
    for (let index = 0; index < count; index++) {
      const row = this.snapshot.countedRowAt(index);
      if (!row?.outcome) continue;
      traits.layers[index] = row.outcome.exit.layer;
      traits.tiers[index] = TIERS.indexOf(row.outcome.tier);
      traits.remarks[index] = this.#remarksOf(row);
    }
    return traits;
  }

  #remarksOf(row: SentenceRow): number {
    const { outcome, climbed } = row;
    const found = remarksByRow.get(row);
    if (found !== undefined || !outcome) return found ?? 0;
    const remarks = remarksOf({
      ...{ label: outcome.exit.label, layer: outcome.exit.layer, layers: this.layers, gold: undefined },
      labels: climbed.exits.map(({ label }) => label),
    });
    remarksByRow.set(row, remarks);
    return remarks;
  }
}
