import { at } from '../numbers/at';
import type { Feedback, Learner, OnlinePolicy, Setting } from './online-policy';
import { type SplitArm, splitArms, SPLITTING } from './split-arms';
import { Ucb } from './ucb';

/**
 * SplitEE-S: SplitEE that also looks at the exits it passes. A sample split after layer i has shown C_1 … C_i, so the
 * rewards of the arms 1 … i are all learnt from it.
 * Source: SplitEE (arXiv 2309.09195).
 * How near to the paper: its algorithm, but with the cloud's layers charged for, as in `splitEE`, and in one place: the reward of an arm j < i with C_j < α asks for
 * C_L, which nobody saw if the sample left at exit i. The authors' code looks it up all the same; here C_i stands in for
 * it, so that the learner knows nothing that a device would not know.
 */
export const splitEES: OnlinePolicy = {
  ...SPLITTING,
  id: 'splitee-s',
  name: 'SplitEE-S',
  rule: 'SplitEE, where a sentence split after layer i also teaches what splits after the layers before it would have earned',
  source: 'SplitEE, arXiv 2309.09195',
  start: startSideObserving,
};

/** UCB over split layers, with side observations of all earlier arms. */
export function startSideObserving(seed: number, setting: Setting): Learner {
  return new SideObservingUcb(splitArms(setting), setting.parameters.exploration ?? Number.NaN, seed);
}

class SideObservingUcb implements Learner {
  readonly #ucb: Ucb;

  constructor(
    private readonly arms: readonly SplitArm[],
    exploration: number,
    seed: number,
  ) {
    this.#ucb = new Ucb(arms.length, exploration, seed);
  }

  choose(): number {
    return this.#ucb.choose();
  }

  learn({ arm: chosen, confidences }: Feedback): void {
    for (let arm = 0; arm <= chosen; arm++) {
      this.#ucb.learn({ arm, reward: at(this.arms, arm).rewardFrom(confidences) });
    }
  }
}
