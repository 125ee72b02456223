import type { Exit } from '../exits';
import type { EXIT_FEATURES } from './policy-data';

export type ExitFeature = (typeof EXIT_FEATURES)[number];

/** Confidences of 0 and 1 have no finite logit. */
const LARGEST_LOGIT = 10;
/** The feature `run` is a share of so many exits. */
const LONGEST_RUN = 12;

/** How many exits in a row, ending with the latest, name its class. */
export function agreeingRun(exits: readonly Exit[]): number {
  const label = exits.at(-1)?.label;
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
export const featureOf: Readonly<Record<ExitFeature, (exits: readonly Exit[]) => number>> = {
  /** ln(p / (1 − p)) of the top probability. */
  confidenceLogit: (exits) => confidenceLogit(exits.at(-1)),
  margin: (exits) => marginOf(exits.at(-1)?.probabilities ?? []),
  /** 1 where the exit before names the same class; 0 at exit 1. */
  agreement: (exits) => (agreeingRun(exits) > 1 ? 1 : 0),
  run: (exits) => agreeingRun(exits) / LONGEST_RUN,
  /** 0 at exit 1. */
  previousConfidenceLogit: (exits) => confidenceLogit(exits.at(-2)),
};

function confidenceLogit(exit: Exit | undefined): number {
  if (!exit) return 0;
  const logit = Math.log(exit.confidence / (1 - exit.confidence));
  return Math.min(Math.max(logit, -LARGEST_LOGIT), LARGEST_LOGIT);
}
