import type { OnlineProgress, StreamChange } from '../../../core/lab/online';
import { parametersInWords, type WriteParameter } from '../../../core/lab/trial-words';
import type { OnlinePolicy } from '../../../core/online';
import type { PolicyParameters } from '../../../core/policies';
import { decimal } from '../../components/words';
import type { CompareWords } from '../compare-words';

type OnlineWords = CompareWords['online'];

/** The regret chart in words: where it stands, and how it came there. */
export function regretInWords(
  { regret, steps, length, arms, bestArm }: OnlineProgress,
  runs: number,
  words: OnlineWords,
): string {
  const end = regret.at(-1);
  if (!end || steps === 0) return words.none;
  const half = regret.findLast(({ step }) => step <= steps / 2);
  return [
    words.told(steps, length, decimal(end.mean), arms[bestArm] ?? ''),
    words.between(decimal(end.least), decimal(end.greatest), runs),
    ...(half && half.step > 0 ? [words.half(half.step, decimal(half.mean))] : []),
  ].join(' ');
}

/** What a change half-way did to the regret, each half against its own best choice. */
export function changeInWords(
  { regret, arms }: Pick<OnlineProgress, 'regret' | 'arms'>,
  { step, bestArms, regret: before }: StreamChange,
  words: OnlineWords,
  said: (english: string) => string,
): string {
  if (before === undefined) return words.willChange(step);
  const [earlier, later] = bestArms.map((arm) => said(arms[arm] ?? ''));
  const after = (regret.at(-1)?.mean ?? before) - before;
  return words.changed(step, [decimal(before), earlier ?? ''], [decimal(after), later ?? '']);
}

/** The chart of choices in words, the most frequent first. */
export function pullsInWords({ arms, pulls, steps }: OnlineProgress, words: OnlineWords): string {
  if (steps === 0) return words.none;
  return arms
    .map((name, arm) => ({ name, pulls: pulls[arm] ?? 0 }))
    .filter((choice) => choice.pulls > 0)
    .sort((one, other) => other.pulls - one.pulls)
    .map((choice) => `${choice.name}: ${decimal(choice.pulls, 1)}.`)
    .join(' ');
}

/** What a stream ran with: “SplitEE: threshold 0.8, …, seed 1”. */
export function settingsInWords(
  of: {
    readonly policy: Pick<OnlinePolicy, 'name' | 'parameters'>;
    readonly parameters: PolicyParameters;
    readonly seed: number;
    readonly passes: number;
    readonly delay: number;
    readonly isChanging: boolean;
  },
  words: OnlineWords,
  inWords: WriteParameter,
): string {
  const parameters = parametersInWords(of.policy, of.parameters, inWords);
  const stream = [
    ...[words.seed(of.seed), words.passes(of.passes)],
    ...[of.delay > 0 && words.delay(of.delay), of.isChanging && words.isMistyped],
  ];
  return `${of.policy.name}: ${[parameters, ...stream].filter(Boolean).join(', ')}`;
}
