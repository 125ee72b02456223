import type { SavedView } from './Settings.svelte';

/** Steps that can be taken back. */
const MOST_STEPS = 100;

/** What was set and written, step by step. A step is whatever rested for a moment, not each value that a slider passed. */
export class UndoStack {
  #before: readonly SavedView[] = $state.raw([]);
  #after: readonly SavedView[] = $state.raw([]);
  #current: SavedView | undefined;

  get canUndo(): boolean {
    return this.#before.length > 0;
  }

  get canRedo(): boolean {
    return this.#after.length > 0;
  }

  /** To be told of every view that rested; one like the current is no step. */
  note(view: SavedView): void {
    const current = this.#current;
    this.#current = view;
    if (!current || isSame(current, view)) return;
    this.#before = [...this.#before, current].slice(-MOST_STEPS);
    this.#after = [];
  }

  /** The view before; undefined where there is none. */
  undo(): SavedView | undefined {
    const view = this.#before.at(-1);
    if (!view || !this.#current) return undefined;
    this.#before = this.#before.slice(0, -1);
    this.#after = [...this.#after, this.#current];
    this.#current = view;
    return view;
  }

  /** The view that was taken back last; undefined where there is none. */
  redo(): SavedView | undefined {
    const view = this.#after.at(-1);
    if (!view || !this.#current) return undefined;
    this.#after = this.#after.slice(0, -1);
    this.#before = [...this.#before, this.#current];
    this.#current = view;
    return view;
  }
}

/** Routes and what is shown are nothing to be taken back. */
const NO_STEPS = ['view', 'panel', 'show'];

function isSame(one: SavedView, other: SavedView): boolean {
  return one.text === other.text && stepsOf(one) === stepsOf(other);
}

function stepsOf({ hash }: SavedView): string {
  const entries = new URLSearchParams(hash.slice(1));
  for (const key of NO_STEPS) entries.delete(key);
  return entries.toString();
}
