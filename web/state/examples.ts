import type { Task } from '../../core/model/manifest';

/** What there is to see in an example. */
export type Lesson = 'easy' | 'sarcasm' | 'negation' | 'hard' | 'trap';

export interface TeachingExample {
  readonly lesson: Lesson;
  readonly text: string;
}

/** Written for the tasks that the shipped model has; the two of a pair have a tab between them. */
const TEACHING: Readonly<Record<string, readonly TeachingExample[]>> = {
  sst2: [
    { lesson: 'easy', text: 'A warm, funny and deeply moving film.' },
    { lesson: 'sarcasm', text: 'Just what the world needed: another two hours of men staring at screens.' },
    { lesson: 'negation', text: 'It is not without charm, but the charm wears off quickly.' },
  ],
  cola: [
    { lesson: 'easy', text: 'The children walked home through the snow.' },
    { lesson: 'trap', text: 'The horse raced past the barn fell.' },
    { lesson: 'hard', text: 'Which book did you wonder who had read?' },
  ],
  mrpc: [
    { lesson: 'easy', text: 'Two plants will close.\tThe company will shut two of its plants.' },
    { lesson: 'trap', text: 'Sales fell by a fifth in May.\tSales grew by a fifth in May.' },
    { lesson: 'hard', text: 'The bridge opened on Friday.\tThe bridge, opened on Friday, cost nine million euros.' },
  ],
  qqp: [
    { lesson: 'easy', text: 'How can I learn the guitar?\tWhat is the best way to learn guitar?' },
    { lesson: 'trap', text: 'How do I boil an egg?\tHow do I peel a boiled egg?' },
    { lesson: 'hard', text: 'Why do cats purr?\tWhat does it mean when a cat purrs?' },
  ],
  rte: [
    { lesson: 'easy', text: 'The orchestra played in Vienna on Saturday.\tThe orchestra performed in Vienna.' },
    { lesson: 'trap', text: 'The novel was translated into thirty languages.\tThe author speaks thirty languages.' },
    { lesson: 'hard', text: 'The ferry runs only in summer.\tThere is no ferry in December.' },
  ],
  qnli: [
    { lesson: 'easy', text: 'When was the bridge opened?\tThe bridge was opened to traffic in June 1932.' },
    { lesson: 'trap', text: 'How tall is the tower?\tThe tower is a popular place for weddings.' },
    { lesson: 'hard', text: 'Who designed the library?\tAn architect from Porto won the contest for the library.' },
  ],
  mnli: [
    { lesson: 'easy', text: 'The shop opens at nine every morning.\tThe shop is open in the morning.' },
    { lesson: 'trap', text: 'He said he might join us later.\tHe will certainly not join us.' },
    { lesson: 'hard', text: 'All the tickets were sold within an hour.\tMany people wanted tickets.' },
  ],
};

/** Examples of a task that show how sentences differ; none for a task of another model. */
export function teachingExamples(taskId: string): readonly TeachingExample[] {
  return TEACHING[taskId] ?? [];
}

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

/** What stands in the field before anybody has written: one sentence that is not decided at once. */
export function starterText(taskId: string, task: Pick<Task, 'examples'>): string {
  return teachingExamples(taskId).at(-1)?.text ?? task.examples.at(-1)?.join('\t') ?? '';
}

/** Whether the page put it there, and no person wrote it. */
export function isExampleText(text: string, taskId: string, task: Pick<Task, 'examples'>, seed: number): boolean {
  return (
    text === starterText(taskId, task) ||
    text === exampleText(task, seed) ||
    teachingExamples(taskId).some((example) => example.text === text)
  );
}
