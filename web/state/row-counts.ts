import type { LayerIndex } from '../../core/layers';
import type { Outcome } from '../../core/ladder/outcome';
import type { OutcomeGroup } from './exit-view';
import type { ReadingCounts } from '../../core/model/reading';
import { isNoSentence, type SentenceRow, type ShownSentence } from './shown-sentence';

/** Rows that leave at a layer, as many as are named there. */
const MOST_NAMED = 12;

/** What the lines of the results add up to. */
export interface RowTotals {
  readonly decided: number;
  readonly failed: number;
  readonly readings: ReadingCounts;
  /** Layers run for the sentences shown, ever. */
  readonly layerRuns: number;
  readonly groups: readonly OutcomeGroup[];
  /** The first that left at each layer; index 0 is layer 1. */
  readonly named: readonly (readonly SentenceRow[])[];
}

/** Counts rows one by one, each instead of what was known of its sentence before: no change costs more than itself. */
export class RowCounts {
  #decided = 0;
  #failed = 0;
  #cut = 0;
  #muchUnknown = 0;
  #noSentence = 0;
  #layerRuns = 0;
  readonly #rows = new Map<ShownSentence, SentenceRow>();
  readonly #groups = new Map<string, { readonly outcome: Outcome; count: number }>();
  readonly #leaving: Set<ShownSentence>[];

  constructor(layerCount: number) {
    this.#leaving = Array.from({ length: layerCount }, () => new Set());
  }

  has(shown: ShownSentence): boolean {
    return this.#rows.has(shown);
  }

  rowOf(shown: ShownSentence): SentenceRow | undefined {
    return this.#rows.get(shown);
  }

  count(shown: ShownSentence, row: SentenceRow): void {
    const before = this.#rows.get(shown);
    if (before === row) return;
    if (before) this.#add(before, -shown.lines);
    this.#add(row, shown.lines);
    this.#layerRuns += row.climbed.layerRuns - (before?.climbed.layerRuns ?? 0);
    this.#move(shown, before?.outcome?.exit.layer, row.outcome?.exit.layer);
    this.#rows.set(shown, row);
  }

  /** Sentences that must climb on, in the order in which they were counted first. */
  waiting(most: number): readonly SentenceRow[] {
    const waiting: SentenceRow[] = [];
    for (const row of this.#rows.values()) {
      if (waiting.length === most) break;
      if (!row.outcome && !row.error) waiting.push(row);
    }
    return waiting;
  }

  totals(): RowTotals {
    return {
      ...{ decided: this.#decided, failed: this.#failed, layerRuns: this.#layerRuns },
      readings: { cut: this.#cut, muchUnknown: this.#muchUnknown, noSentence: this.#noSentence },
      groups: [...this.#groups.values()].filter(({ count }) => count > 0).map((group) => ({ ...group })),
      named: this.#leaving.map((sentences) => this.#firstOf(sentences)),
    };
  }

  #firstOf(sentences: ReadonlySet<ShownSentence>): readonly SentenceRow[] {
    const rows: SentenceRow[] = [];
    for (const shown of sentences) {
      if (rows.length === MOST_NAMED) break;
      const row = this.#rows.get(shown);
      if (row) rows.push(row);
    }
    return rows;
  }

  /** Outcomes are kept as whole numbers of those alike: sums of costs would drift as rows come and go. */
  #add(row: SentenceRow, lines: number): void {
    const { outcome, error, climbed } = row;
    if (isNoSentence(row)) this.#noSentence += lines;
    else if (error) this.#failed += lines;
    if (climbed.reading?.isCut) this.#cut += lines;
    if (climbed.reading?.isMuchUnknown) this.#muchUnknown += lines;
    if (!outcome) return;
    this.#decided += lines;
    const key = keyOf(outcome);
    const group = this.#groups.get(key) ?? { outcome, count: 0 };
    group.count += lines;
    this.#groups.set(key, group);
  }

  #move(shown: ShownSentence, from: LayerIndex | undefined, to: LayerIndex | undefined): void {
    if (from === to) return;
    if (from) this.#leaving[from - 1]?.delete(shown);
    if (to) this.#leaving[to - 1]?.add(shown);
  }
}

function keyOf({ tier, exit, costParts: { mobile, edge, cloud, offloading } }: Outcome): string {
  return `${tier} ${exit.layer} ${mobile} ${edge} ${cloud} ${offloading}`;
}
