import Papa from 'papaparse';
import { DimeeError } from '../core/errors';
import { changingRows, type ChangingTrial, type StreamHalf, tryChanging } from '../core/lab/changing-stream';
import { type ComparisonOptions, settingOf } from '../core/lab/comparison';
import { fixed } from '../core/numbers/fixed';
import { at } from '../core/numbers/at';
import { ONLINE_POLICIES, type OnlinePolicy, onlinePolicyById } from '../core/online';

export interface Changing {
  /** After how many more samples learners are told of one. */
  readonly delay: number;
  readonly trials: readonly (ChangingTrial & { readonly task: string; readonly samples: number })[];
}

export interface ChangingOptions extends Pick<ComparisonOptions, 'manifest' | 'read' | 'plan' | 'costs' | 'aim'> {
  readonly policies: readonly OnlinePolicy[];
  readonly delay: number;
}

/**
 * Every learner on every task's rows, mistyped from half-way on.
 * @throws DimeeError `BAD_INPUT` for a task of which the model brings no recorded dev split, or no mistyped rows of it.
 */
export async function changingOf(tasks: readonly string[], options: ChangingOptions): Promise<Changing> {
  const { policies, delay, aim } = options;
  const trials: Changing['trials'][number][] = [];
  for (const task of tasks) {
    const { evaluation, ...setting } = await settingOf(task, options);
    const rows = evaluation && changingRows({ ...setting, evaluation });
    if (!rows)
      throw new DimeeError('BAD_INPUT', `The model brings no mistyped rows of “${task}” beside its dev split.`);
    const samples = rows.before.trace.rows;
    for (const policy of policies)
      trials.push({ task, samples, ...tryChanging(policy, rows, setting, { aim, delay }) });
  }
  return { delay, trials };
}

/** All learners, or the one that is named. */
export function learnersNamed(policy: string | undefined): readonly OnlinePolicy[] {
  return policy === undefined ? ONLINE_POLICIES : [onlinePolicyById(policy)];
}

/** As a table for people, means first. */
export function changingMarkdown({ delay, trials }: Changing): string {
  const tasks = [...new Set(trials.map(({ task }) => task))];
  const policies = [...new Set(trials.map(({ policy }) => policy))];
  const means = policies.map((policy) => {
    const own = trials.filter((trial) => trial.policy === policy);
    return [
      'mean',
      onlinePolicyById(policy).name,
      ...cellsOf(meanOf(own.map(({ before }) => before)), meanOf(own.map(({ after }) => after))),
    ];
  });
  const rows = trials.map(({ task, policy, before, after }) => [
    ...[task, onlinePolicyById(policy).name, ...cellsOf(before, after)],
    `${before.bestChoice} → ${after.bestChoice}`,
  ]);
  const header = [
    ...['task', 'policy', 'regret of 100, before', 'after', 'loss, points, before', 'after'],
    ...['cost cut %, before', 'after', 'best fixed choice'],
  ];
  const table = [
    header,
    header.map(() => '---'),
    ...(tasks.length > 1 ? means.map((row) => [...row, '']) : []),
    ...rows,
  ];
  return `${[
    'Learners on rows of the dev split and then, from half-way on, on the same rows mistyped (those as fp16 runs them, these ' +
      'as q8 does). They come knowing nothing and nobody tells them of the change' +
      `${delay > 0 ? `; what a sentence has earned they learn ${delay} sentences later` : ''}. Regret of a hundred ` +
      'sentences is against the fixed choice that is best in that half, in units of each policy’s own reward: compare halves, ' +
      'not policies. Means over three seeds, from the least to the greatest in brackets; prices of cost are chosen on ' +
      'calibration. Loss is to the last exit on the same rows.',
    table.map((line) => `| ${line.join(' | ')} |`).join('\n'),
  ].join('\n\n')}\n`;
}

function cellsOf(before: StreamHalf, after: StreamHalf): string[] {
  const regret = ({ regret: mean, leastRegret, greatestRegret }: StreamHalf) =>
    `${fixed(mean, 2)} (${fixed(leastRegret, 2)} to ${fixed(greatestRegret, 2)})`;
  return [
    ...[before, after].map(regret),
    ...[before, after].map(({ lossPoints }) => fixed(lossPoints, 2)),
    ...[before, after].map(({ costCutPercent }) => fixed(costCutPercent, 1)),
  ];
}

/** Over tasks, each counting alike; the choice of the first. */
function meanOf(halves: readonly StreamHalf[]): StreamHalf {
  const mean = (key: Exclude<keyof StreamHalf, 'bestChoice'>) =>
    halves.reduce((sum, half) => sum + half[key], 0) / halves.length;
  return {
    regret: mean('regret'),
    leastRegret: mean('leastRegret'),
    greatestRegret: mean('greatestRegret'),
    bestChoice: at(halves, 0).bestChoice,
    lossPoints: mean('lossPoints'),
    costCutPercent: mean('costCutPercent'),
  };
}

/** The same as one JSON object, unrounded, without means. */
export function changingJson(changing: Changing): string {
  return `${JSON.stringify(changing, null, 2)}\n`;
}

/** The same as lines: one for each half. */
export function changingCsv({ delay, trials }: Changing): string {
  const lines = trials.flatMap(({ task, policy, samples, before, after }) =>
    [before, after].map((half, index) => ({ task, policy, delay, samples, half: index ? 'after' : 'before', ...half })),
  );
  return `${Papa.unparse(lines, { newline: '\n' })}\n`;
}
