import type { TierName } from '../../core/layers';
import type { Remark, RowQuery } from '../../core/trace/row-traits';

export type RowKind = 'all' | Remark;

/** Rows that are asked for; what is undefined asks for nothing. */
export interface FilterFields {
  readonly tier: TierName | undefined;
  readonly layer: number | undefined;
  readonly kind: RowKind;
}

const ALL: FilterFields = { tier: undefined, layer: undefined, kind: 'all' };

/** Which rows of the results are shown. It is about the rows that it was set for: with others it asks for nothing. */
export class RowFilter {
  #fields: FilterFields = $state.raw(ALL);
  #about: string | undefined = $state();

  /** `about` names the rows that are looked at, such as source and task. */
  constructor(private readonly about: () => string) {}

  get tier(): TierName | undefined {
    return this.#current.tier;
  }

  get layer(): number | undefined {
    return this.#current.layer;
  }

  get kind(): RowKind {
    return this.#current.kind;
  }

  get isSet(): boolean {
    const { tier, layer, kind } = this.#current;
    return tier !== undefined || layer !== undefined || kind !== 'all';
  }

  get query(): RowQuery {
    const { tier, layer, kind } = this.#current;
    return { tier, layer, remark: kind === 'all' ? undefined : kind };
  }

  set(change: Partial<FilterFields>): void {
    this.#fields = { ...this.#current, ...change };
    this.#about = this.about();
  }

  clear(): void {
    this.#fields = ALL;
  }

  get #current(): FilterFields {
    return this.#about === this.about() ? this.#fields : ALL;
  }
}
