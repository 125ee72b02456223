import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type Range,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core';
import { flushSync, untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';

/** Height of a row that has not been drawn yet, in pixels. */
const ESTIMATED_HEIGHT = 38;
/** Rows kept ready above and below what can be seen, so that Tab always finds the next one. */
const OVERSCAN = 12;

/** A row to draw, and the height of what is left out between it and the row drawn before it, in pixels. */
export interface DrawnRow {
  readonly index: number;
  readonly gapBefore: number;
}

/**
 * The rows of a long list that are worth drawing: those that can be seen in its scrolling box, the one that has the
 * keyboard, and for paper those that go on it. Rows may have any height, which is measured when they are drawn.
 */
export class VirtualRows {
  #items: readonly VirtualItem[] = $state.raw([]);
  #totalHeight = $state(0);
  /** Rows that go on paper, while it is printed. */
  #printed: number | undefined = $state();
  #focused: number | undefined;
  readonly #virtualizer: Virtualizer<HTMLElement, HTMLElement>;
  #box: HTMLElement | undefined;

  constructor(private readonly count: () => number) {
    this.#virtualizer = new Virtualizer<HTMLElement, HTMLElement>(this.#options(0));
  }

  readonly drawn: readonly DrawnRow[] = $derived.by(() => {
    const length = this.#printed;
    if (length !== undefined) return Array.from({ length }, (_, index) => ({ index, gapBefore: 0 }));
    return this.#items.map(({ index, start }, place) => ({
      index,
      gapBefore: start - (this.#items[place - 1]?.end ?? 0),
    }));
  });

  /** The height of what is left out after the last row drawn, in pixels. */
  readonly gapAfter: number = $derived.by(() =>
    this.#printed !== undefined ? 0 : this.#totalHeight - (this.#items.at(-1)?.end ?? 0),
  );

  /** Goes on the box that scrolls. */
  readonly box: Attachment<HTMLElement> = (element) => {
    this.#box = element;
    const unmount = this.#virtualizer._didMount();
    $effect(() => this.#follow(this.count()));
    return unmount;
  };

  /** Goes on each row's element, which has its number as `data-index`. Each measurement costs what there are rows: not on paper. */
  readonly row: Attachment<HTMLElement> = (element) => {
    if (untrack(() => this.#printed) !== undefined) return;
    untrack(() => this.#virtualizer.measureElement(element));
    return () => this.#virtualizer.measureElement(null);
  };

  /** The row that has the keyboard stays, however far it is scrolled away. */
  focus(target: EventTarget | null): void {
    const row = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;
    this.#focused = row ? Number(row.dataset.index) : undefined;
    this.#follow(this.count());
  }

  /** Scrolls to the first or the last row, however high those between turn out to be. */
  goTo(end: 'first' | 'last'): void {
    const options = { align: end === 'first' ? 'start' : 'end' } as const;
    this.#virtualizer.scrollToIndex(end === 'first' ? 0 : this.count() - 1, options);
  }

  /** Before printing: paper does not scroll, so it gets all rows, or so many of the first. */
  beginPrinting(most = Number.POSITIVE_INFINITY): void {
    flushSync(() => (this.#printed = Math.min(this.count(), most)));
  }

  endPrinting(): void {
    flushSync(() => (this.#printed = undefined));
  }

  #follow(count: number): void {
    this.#virtualizer.setOptions(this.#options(count));
    this.#virtualizer._willUpdate();
    this.#show();
  }

  #show(): void {
    this.#items = this.#virtualizer.getVirtualItems();
    this.#totalHeight = this.#virtualizer.getTotalSize();
  }

  #options(count: number) {
    return {
      count,
      getScrollElement: () => this.#box ?? null,
      estimateSize: () => ESTIMATED_HEIGHT,
      overscan: OVERSCAN,
      ...{ observeElementRect, observeElementOffset, scrollToFn: elementScroll },
      rangeExtractor: (range: Range) => this.#withFocused(defaultRangeExtractor(range), range.count),
      onChange: () => this.#show(),
    };
  }

  #withFocused(indexes: readonly number[], count: number): number[] {
    const focused = this.#focused;
    if (focused === undefined || focused >= count || indexes.includes(focused)) return [...indexes];
    return [...indexes, focused].sort((a, b) => a - b);
  }
}
