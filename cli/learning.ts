import { at } from '../core/numbers/at';
import { costCutPercent, DEFAULT_COSTS } from '../core/cost';
import type { OnlineRun } from '../core/online';

/** How samples come to a policy that learns. */
export interface Stream {
  /** Decides the order of the samples and everything that is random. */
  readonly seed: number;
  /** How often all samples are streamed. */
  readonly passes: number;
}

/** What `--json` prints besides of a policy that learnt on the way. */
export interface Learning extends Stream {
  /** What the best fixed choice would have earned over the whole stream, less what was earned. */
  readonly regret: number;
  /** What a sample earned, in units of the policy's own reward. */
  readonly meanReward: number;
  /** The choice that earns the most where it is always made: known in hindsight. */
  readonly bestFixedChoice: {
    readonly choice: string;
    readonly meanReward: number;
    /** 0 to 1. */
    readonly accuracy: number;
    /** In units of one cloud layer. */
    readonly meanCost: number;
    readonly costCutPercent: number;
  };
  /** How often each choice was made. */
  readonly pulls: readonly { readonly choice: string; readonly pulls: number }[];
}

/** Sums up a run that is at the end of its stream. */
export function learningOf(run: OnlineRun, stream: Stream, layers: number): Learning {
  const { arms, best, bestArm, chosen, pulls, regret, steps } = run;
  const meanCost = best.cost / steps;
  return {
    regret,
    meanReward: chosen.reward / steps,
    bestFixedChoice: {
      choice: at(arms, bestArm).name,
      meanReward: best.reward / steps,
      accuracy: best.right / steps,
      meanCost,
      costCutPercent: costCutPercent(meanCost, layers, DEFAULT_COSTS),
    },
    pulls: arms.map(({ name }, arm) => ({ choice: name, pulls: at(pulls, arm) })),
    ...stream,
  };
}

/** The same for people: name and value of each line. */
export function learningLines({ seed, passes, regret, ...learning }: Learning): [string, string][] {
  const { choice, accuracy, meanCost, costCutPercent: cut } = learning.bestFixedChoice;
  const made = learning.pulls.filter(({ pulls }) => pulls > 0).sort((one, other) => other.pulls - one.pulls);
  return [
    ['Stream', `seed ${seed}, passes ${passes}`],
    ['Regret', `${regret.toFixed(3)} against the best fixed choice; mean reward ${learning.meanReward.toFixed(4)}`],
    [
      'Best fixed choice',
      `${choice}: accuracy ${(100 * accuracy).toFixed(2)} %, mean cost ${meanCost.toFixed(2)}, ${cut.toFixed(1)} % less`,
    ],
    ['Choices made', made.map(({ choice: name, pulls }) => `${name}: ${pulls}`).join('; ')],
  ];
}
