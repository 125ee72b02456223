import type { Task } from '../../core/model/manifest';

/** `count` examples of a task, one a line, in an order that the seed decides. Seed 1 gives them as the model has them. */
export function exampleText({ examples }: Pick<Task, 'examples'>, seed: number, count = 8): string {
  const lines = examples.map((texts) => texts.join('\t'));
  let state = seed;
  for (let index = lines.length - 1; seed > 1 && index > 0; index--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = state % (index + 1);
    [lines[index], lines[other]] = [lines[other] ?? '', lines[index] ?? ''];
  }
  return lines.slice(0, count).join('\n');
}
