/** On whose behalf work is done, and until when its result is of use. */
export interface Asker {
  /** Who sent the sample, by identity: clients take turns. */
  readonly client: object;
  /** The sample, by identity: all work for it keeps the place that the sample came to. */
  readonly sample: object;
  /** By the clock of the scheduler, in milliseconds. */
  readonly deadlineAt: number;
  readonly signal: AbortSignal;
  /** Hears the milliseconds that a piece of work has waited for its turn, as it begins. */
  readonly onTurn?: ((waitedMs: number) => void) | undefined;
  /** Hears the milliseconds of computing that were its part, as a piece of work is done. */
  readonly onComputed?: ((shareMs: number) => void) | undefined;
}

const NEVER = new AbortController().signal;

/** Somebody of their own, without haste: for work that no client has asked for. */
export function nobody(): Asker {
  const self = {};
  return { client: self, sample: self, deadlineAt: Number.POSITIVE_INFINITY, signal: NEVER };
}
