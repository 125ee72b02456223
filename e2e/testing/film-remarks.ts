import { drawLot } from '../../core/numbers/lots';

/* Sentences about films as people write them, made of templates written for these tests. */

const SLOTS: Readonly<Record<string, readonly string[]>> = {
  film: [
    'film',
    'comedy',
    'thriller',
    'drama',
    'western',
    'documentary',
    'love story',
    'heist movie',
    'sequel',
    'debut',
  ],
  part: [
    'script',
    'ending',
    'camera work',
    'soundtrack',
    'dialogue',
    'editing',
    'second half',
    'opening scene',
    'cast',
    'plot',
  ],
  other: ['score', 'casting', 'final scene', 'costume work', 'pacing', 'premise', 'humour', 'voice-over'],
  good: [
    'clever',
    'tender',
    'gripping',
    'warm',
    'beautifully shot',
    'surprising',
    'wickedly funny',
    'honest',
    'graceful',
    'bold',
  ],
  bad: [
    'dull',
    'clumsy',
    'overlong',
    'predictable',
    'noisy',
    'lifeless',
    'sentimental',
    'badly acted',
    'hollow',
    'confused',
  ],
  who: ['the director', 'the lead actress', 'the writer', 'the composer', 'the whole team', 'the young star'],
  when: ['after ten minutes', 'by the second act', 'long before the end', 'in the last scene', 'from the first shot'],
  seen: [
    'my sister',
    'half the audience',
    'my neighbour',
    'a friend of mine',
    'the man beside me',
    'everyone in our row',
  ],
};

const TEMPLATES: readonly string[] = [
  'The {part} is {good}, and the {film} is better for it.',
  'A {film} that is {bad} {when}.',
  'I have rarely seen a {film} so {good}.',
  'The {part} of this {film} is {bad}.',
  'It wants to be {good}, but the {part} is {bad}.',
  'Not even the {part} can save a {film} this {bad}.',
  '{seen} fell asleep {when}.',
  '{seen} cried {when}, and so did I.',
  'If only the {part} were as {good} as the {other}.',
  '{who} has made a {film} that is {good} and never {bad}.',
  '{who} deserves better than this {bad} {film}.',
  'What a {good} {film}!',
  'You will know {when} whether this {film} is for you.',
  'The {part} may be {bad}, yet I would watch this {film} again.',
  'It is neither {good} nor {bad}, just another {film}.',
  '{when} I stopped caring about the {part}.',
  'Go for the {part}, stay for the {other}.',
  'Nobody told {seen} that a {film} could be this {good}.',
  'Two hours of a {film} that is {bad}, saved by nothing.',
  '{who} turns a {bad} idea into something {good}.',
  'There is nothing {bad} about the {part} of this {film}.',
  'For a {film}, the {part} is surprisingly {good}.',
  'I laughed {when}, though perhaps not where {who} meant me to.',
  'Skip it: the {part} is {bad}, the {other} is worse.',
  'By turns {good} and {bad}, this {film} never settles.',
];

/** The first `count` of the remarks, all different and always the same. What has been said already goes on. */
export function filmRemarks(count: number): readonly string[] {
  const remarks = new Set<string>();
  for (let turn = 0; remarks.size < count; turn++) {
    const said = remark(turn);
    remarks.add(remarks.has(said) ? `${said} ${remark(turn + count)}` : said);
  }
  return [...remarks];
}

function remark(turn: number): string {
  let slots = 0;
  const draw = (words: readonly string[]) => words[Math.floor(drawLot(turn, slots++) * words.length)] ?? '';
  const template = TEMPLATES[turn % TEMPLATES.length] ?? '';
  const text = template.replaceAll(/\{(\w+)\}/g, (_, slot: string) => draw(SLOTS[slot] ?? []));
  return text.charAt(0).toUpperCase() + text.slice(1);
}
