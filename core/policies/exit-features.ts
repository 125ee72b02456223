import { lastOf } from '../numbers/at';
import type { Exit } from '../exits';
import { logOdds } from '../numbers/log-odds';
import type { EXIT_FEATURES } from './policy-data';

export type ExitFeature = (typeof EXIT_FEATURES)[number];

/** What `training` clamps at when it fits policies to features of exits. */
const LARGEST_LOGIT = 10;

/** How many exits in a row, ending with the latest, name its class. */
export function agreeingRun(exits: readonly Exit[]): number {
  const { label } = lastOf(exits);
  let run = 0;
  while (run < exits.length && exits[exits.length - 1 - run]?.label === label) run++;
  return run;
}

/** p(1) − p(2): how far the most probable class is ahead of the second. */
export function marginOf(probabilities: readonly number[]): number {
  let [first, second] = [0, 0];
  for (const p of probabilities) {
    if (p > first) [first, second] = [p, first];
    else if (p > second) second = p;
  }
  return first - second;
}

/** What the learned exit knows of the latest of exits 1..k. */
export const featureOf: Readonly<Record<ExitFeature, (exits: readonly Exit[], layers: number) => number>> = {
  /** ln(p / (1 − p)) of the top probability. */
  confidenceLogit: (exits) => confidenceLogit(lastOf(exits)),
  margin: (exits) => marginOf(lastOf(exits).probabilities),
  /** 1 where the exit before names the same class; 0 at exit 1. */
  agreement: (exits) => (agreeingRun(exits) > 1 ? 1 : 0),
  /** How many exits in a row name this class, as a share of all the model has. */
  run: (exits, layers) => agreeingRun(exits) / layers,
  /** 0 at exit 1. */
  previousConfidenceLogit: (exits) => confidenceLogit(exits.at(-2)),
};

/** ln(p / (1 − p)) of an exit's confidence, within ±10; 0 where there is no exit. */
export function confidenceLogit(exit: Exit | undefined): number {
  return exit ? logitAt(exit.confidence) : 0;
}

/** ln(p / (1 − p)) of a confidence, within ±10. */
export function logitAt(confidence: number): number {
  return logOdds(confidence, LARGEST_LOGIT);
}
