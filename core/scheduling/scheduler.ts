import { DimeeError } from '../errors';
import type { Asker } from './asker';
import { type BatchBounds, withCompanions } from './companions';
import { isBefore, type Place, Turns } from './turns';

/** A piece of work that waits to be done. */
export interface Work {
  /** Work of one kind may be done together; what has none is done alone. */
  readonly kind?: string | undefined;
  /** Its size, which is what it is charged and what it fills of a batch. */
  readonly tokens: number;
  readonly asker: Asker;
}

export interface SchedulerOptions<Item extends Work> {
  readonly bounds: BatchBounds;
  /** Hears of work that nobody wants any more: its signal is aborted, or its deadline past. */
  readonly onDropped: (work: Item, reason: unknown) => void;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
}

interface Waiting<Item> {
  readonly work: Item;
  readonly place: Place;
  readonly since: number;
}

/**
 * Chooses what is done next. Nothing waits for a batch to fill: whoever is free takes what is there. The sample whose turn
 * it is leads, and those that wait for the same kind of work and are about as long go with it, whoever sent them. After each
 * layer they stand in line anew, so that a sample which leaves takes no room and another takes its place (`rebatching` in
 * DREX, arXiv 2512.15705).
 */
export class Scheduler<Item extends Work> {
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiting<Item>>();
  readonly #turns: Turns;
  #waitingTokens = 0;

  constructor(private readonly options: SchedulerOptions<Item>) {
    this.#turns = new Turns(options.bounds.tokens);
  }

  get waiting(): { readonly works: number; readonly tokens: number } {
    return { works: this.#waiting.size, tokens: this.#waitingTokens };
  }

  add(work: Item): void {
    const place = this.#turns.arrive(work.asker, work.tokens);
    this.#waiting.add({ work, place, since: this.options.now() });
    this.#waitingTokens += work.tokens;
  }

  /**
   * What is to be done now, the leader first; each must be told to `done`.
   * @param accepts what whoever is free can do now.
   */
  next(accepts: (work: Item) => boolean = () => true): readonly Item[] {
    this.#dropUnwanted();
    const leader = this.#leader(accepts);
    if (!leader) return [];
    const batch = withCompanions(toRow(leader), this.#candidatesFor(leader).map(toRow), this.options.bounds);
    this.#turns.serve(batch.map(({ entry }) => entry.place));
    const at = this.options.now();
    for (const { entry } of batch) {
      this.#take(entry);
      entry.work.asker.onTurn?.(at - entry.since);
    }
    return batch.map(({ entry }) => entry.work);
  }

  /** Whether the one's turn is before the other's, both of which have been added. */
  comesBefore({ asker }: Item, other: Item): boolean {
    return this.#turns.isBefore(asker.sample, other.asker.sample);
  }

  /** All that waits, which no longer does. */
  drain(): readonly Item[] {
    const entries = [...this.#waiting];
    for (const entry of entries) {
      this.#take(entry);
      this.#turns.leave(entry.work.asker.client);
    }
    return entries.map(({ work }) => work);
  }

  /** The work has been done, or has failed. */
  done(works: readonly Item[]): void {
    for (const { asker } of works) this.#turns.leave(asker.client);
  }

  #leader(accepts: (work: Item) => boolean): Waiting<Item> | undefined {
    let first: Waiting<Item> | undefined;
    for (const entry of this.#waiting) {
      if ((first === undefined || isBefore(entry.place, first.place)) && accepts(entry.work)) first = entry;
    }
    return first;
  }

  /** Who has little here does not wait for the work of those who have much. */
  #candidatesFor(leader: Waiting<Item>): Waiting<Item>[] {
    if (leader.work.kind === undefined) return [];
    const isLight = this.#turns.hasLittle(leader.work.asker.client);
    return [...this.#waiting].filter(
      (entry) =>
        entry !== leader &&
        entry.work.kind === leader.work.kind &&
        (!isLight || this.#turns.hasLittle(entry.work.asker.client)),
    );
  }

  #dropUnwanted(): void {
    const at = this.options.now();
    for (const entry of this.#waiting) {
      const { signal, deadlineAt } = entry.work.asker;
      if (!signal.aborted && deadlineAt >= at) continue;
      this.#take(entry);
      this.#turns.leave(entry.work.asker.client);
      this.options.onDropped(entry.work, signal.aborted ? signal.reason : tooLate());
    }
  }

  #take(entry: Waiting<Item>): void {
    this.#waiting.delete(entry);
    this.#waitingTokens -= entry.work.tokens;
  }
}

function toRow<Item extends Work>(entry: Waiting<Item>) {
  return { entry, tokens: entry.work.tokens };
}

function tooLate(): DimeeError {
  return new DimeeError('DEADLINE_EXCEEDED', 'The turn of this sample came after its deadline.', { retryable: true });
}
