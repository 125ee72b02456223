import type { Energy } from '../../../core/network/energy';
import { bytes, decimal, milliseconds } from '../../components/words';
import { range } from '../../words/numbers.svelte';

/** A stretch of time, such as “12 to 140 ms”. */
export function timesInWords(p50Ms: number, p95Ms: number): string {
  const [from, to] = [milliseconds(p50Ms), milliseconds(p95Ms)];
  return from === to ? to : range(from.replace(' ms', ''), to);
}

/** Mean bytes, which need not be whole. */
export function meanBytes(value: number): string {
  return bytes(Math.round(value));
}

export function joules(millijoules: number): string {
  if (millijoules >= 999.5) return `${decimal(millijoules / 1000, 1)} J`;
  return `${millijoules < 10 ? decimal(millijoules, 1) : Math.round(millijoules)} mJ`;
}

/** Compute and sending; the radio's tail stands beside it, since samples that cross together share one. */
export function energyInWords({ computeMillijoules, sendingMillijoules, tailMillijoules }: Energy): string {
  const energy = joules(computeMillijoules + sendingMillijoules);
  return tailMillijoules > 0 ? `${energy} + ${joules(tailMillijoules)}` : energy;
}
