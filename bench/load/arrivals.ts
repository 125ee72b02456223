import { drawLot } from '../../core/numbers/lots';

export const ARRIVALS = ['poisson', 'steady'] as const;
export type ArrivalKind = (typeof ARRIVALS)[number];

/** A sample that is due. */
export interface Arrival {
  /** Milliseconds after the beginning. */
  readonly atMs: number;
  /** Whose it is, from 0. */
  readonly client: number;
}

export interface ArrivalsOptions {
  readonly kind: ArrivalKind;
  /** Samples a second of all clients together. */
  readonly rate: number;
  readonly seconds: number;
  readonly clients: number;
  readonly seed: number;
}

/**
 * When samples are due, in order, whatever becomes of earlier ones: an open loop. `poisson` draws each gap and each client;
 * `steady` has every client come at equal gaps, from a moment of its own on.
 */
export function arrivalsOf(options: ArrivalsOptions): readonly Arrival[] {
  return options.kind === 'poisson' ? poisson(options) : steady(options);
}

function poisson({ rate, seconds, clients, seed }: ArrivalsOptions): Arrival[] {
  const arrivals: Arrival[] = [];
  for (let index = 0, atMs = 0; ; index++) {
    atMs -= (1000 / rate) * Math.log(1 - drawLot(seed, index, 0));
    if (atMs >= 1000 * seconds) return arrivals;
    arrivals.push({ atMs, client: Math.floor(drawLot(seed, index, 1) * clients) });
  }
}

function steady({ rate, seconds, clients, seed }: ArrivalsOptions): Arrival[] {
  const gapMs = (1000 * clients) / rate;
  const arrivals = Array.from({ length: clients }, (_, client) => {
    const first = drawLot(seed, client) * gapMs;
    const count = Math.max(Math.ceil((1000 * seconds - first) / gapMs), 0);
    return Array.from({ length: count }, (_, index): Arrival => ({ atMs: first + index * gapMs, client }));
  });
  return arrivals.flat().sort((one, other) => one.atMs - other.atMs);
}
