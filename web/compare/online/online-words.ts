import type { OnlineProgress } from '../../../core/lab/online';
import type { OnlinePolicy } from '../../../core/online';
import type { PolicyParameters } from '../../../core/policies';
import { decimal } from '../../components/words';

/** The regret chart in words: where it stands, and how it came there. */
export function regretInWords({ regret, steps, length, arms, bestArm }: OnlineProgress, runs: number): string {
  const end = regret.at(-1);
  if (!end || steps === 0) return 'No sentences yet.';
  const half = regret.findLast(({ step }) => step <= steps / 2);
  return [
    `After ${steps} of ${length} sentences: regret ${decimal(end.mean)} against the best fixed choice, ${arms[bestArm] ?? ''};`,
    `from ${decimal(end.least)} to ${decimal(end.greatest)} over ${runs} runs.`,
    ...(half && half.step > 0 ? [`After ${half.step}: ${decimal(half.mean)}.`] : []),
  ].join(' ');
}

/** The chart of choices in words, the most frequent first. */
export function pullsInWords({ arms, pulls, steps }: OnlineProgress): string {
  if (steps === 0) return 'No sentences yet.';
  return arms
    .map((name, arm) => ({ name, pulls: pulls[arm] ?? 0 }))
    .filter((choice) => choice.pulls > 0)
    .sort((one, other) => other.pulls - one.pulls)
    .map((choice) => `${choice.name}: ${decimal(choice.pulls, 1)}.`)
    .join(' ');
}

/** What a stream ran with: “SplitEE: threshold 0.8, …, seed 1”. */
export function settingsInWords(of: {
  readonly policy: Pick<OnlinePolicy, 'name' | 'parameters'>;
  readonly parameters: PolicyParameters;
  readonly seed: number;
  readonly passes: number;
}): string {
  const parameters = of.policy.parameters.map(({ id, label }) => `${label.toLowerCase()} ${of.parameters[id]}`);
  return `${of.policy.name}: ${[...parameters, `seed ${of.seed}`, `passes ${of.passes}`].join(', ')}`;
}
