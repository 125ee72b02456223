/* Which classes of a task a word names, by the names that the model's manifest gives them. */

/** What a name says apart from its negation: “not a paraphrase” is a negated “paraphrase”. */
interface Sense {
  readonly stem: string;
  readonly isNegated: boolean;
}

/** Words that data sets use for one and the same class. */
const SYNONYMS: readonly (readonly string[])[] = [
  ['paraphrase', 'equivalent', 'duplicate'],
  ['acceptable', 'grammatical'],
];
const ARTICLES = new Set(['a', 'an', 'the']);
const NEGATIONS = new Set(['not', 'non', 'no', 'isnt']);
/** Negations that are written together with their word. */
const PREFIXES = ['not', 'non', 'un', 'in', 'dis'];
const AFFIRMATIONS = new Set(['true', 'yes']);
const DENIALS = new Set(['false', 'no']);
/** Letters that the beginning of a name has at least. */
const LEAST_BEGINNING = 3;
/** “contradictory” shares ten letters of “contradiction”, “entails” six of “entailment”; “contrary” shares too few. */
const INFLECTION = { leastLetters: 4, leastShare: 0.6, longestEnding: 5 };

/**
 * The classes that a word may mean: none where it names none, several where it could mean each of them. It names a class
 * by its name in any case and with any of space, hyphen and underscore, by a usual synonym, by a beginning of three
 * letters or more, in an inflection, or in the negation of all other classes; “true” and “yes” name the one class that
 * the other class negates.
 */
export function classesNamed(word: string, labels: readonly string[]): readonly number[] {
  const names = labels.map(normalised);
  const name = normalised(word);
  const exact = names.indexOf(name);
  if (exact >= 0) return [exact];
  const senses = sensesOf(names);
  if (AFFIRMATIONS.has(name) || DENIALS.has(name)) return answersOf(AFFIRMATIONS.has(name), senses);
  const stems = [...new Set(senses.map(({ stem }) => stem))];
  for (const { stem, isNegated } of readingsOf(name)) {
    const found = stemsNamed(stem, stems);
    if (found.length > 0) return [...new Set(found.flatMap((named) => classesOf({ stem: named, isNegated }, senses)))];
  }
  return [];
}

/** Lower case, one blank between words, without accents, articles, quotation marks and fastText's prefix. */
export function normalised(name: string): string {
  return name
    .trim()
    .replace(/^__label__/, '')
    .replaceAll(/(\p{Ll})(?=\p{Lu}\p{Ll})/gu, '$1 ')
    .normalize('NFD')
    .replaceAll(/\p{M}|["'“”‘’]/gu, '')
    .toLowerCase()
    .split(/[\s_-]+/)
    .filter((part) => part !== '' && !ARTICLES.has(part))
    .join(' ');
}

/** A class whose name is another's with a negation in front is that other's negation. */
function sensesOf(names: readonly string[]): readonly Sense[] {
  return names.map((name) => {
    const negated = readingsOf(name).find(({ stem, isNegated }) => isNegated && names.includes(stem));
    return negated ?? withoutNegations(name);
  });
}

/** A name as it stands, and with what may be a negation split off its first word. */
function readingsOf(name: string): readonly Sense[] {
  const plain = withoutNegations(name);
  const glued = PREFIXES.filter((prefix) => plain.stem.startsWith(prefix)).map((prefix) => ({
    stem: plain.stem.slice(prefix.length).trim(),
    isNegated: !plain.isNegated,
  }));
  return [plain, ...glued].filter(({ stem }) => stem !== '');
}

function withoutNegations(name: string): Sense {
  const words = name.split(' ');
  const first = words.findIndex((word) => !NEGATIONS.has(word));
  const negations = first < 0 ? words.length : first;
  return { stem: words.slice(negations).join(' '), isNegated: negations % 2 === 1 };
}

/** The class that is plainly meant by “yes”, or by “no”; all of them where no class is another's negation. */
function answersOf(isYes: boolean, senses: readonly Sense[]): readonly number[] {
  const [first, second] = senses;
  const isClear = senses.length === 2 && first?.stem === second?.stem && first?.isNegated !== second?.isNegated;
  return [...senses.keys()].filter((label) => !isClear || senses[label]?.isNegated !== isYes);
}

/** The stems that a word names: exactly, by a synonym, by its beginning, or in another inflection, in this order. */
function stemsNamed(word: string, stems: readonly string[]): readonly string[] {
  if (stems.includes(word)) return [word];
  const spellings = stems.flatMap((stem) => [stem, ...synonymsOf(stem, stems)].map((spelling) => ({ stem, spelling })));
  const synonyms = spellings.filter(({ spelling }) => spelling === word);
  if (synonyms.length > 0) return synonyms.map(({ stem }) => stem);
  const begun = spellings.filter(({ spelling }) => word.length >= LEAST_BEGINNING && spelling.startsWith(word));
  if (begun.length > 0) return begun.map(({ stem }) => stem);
  const shared = spellings.map(({ spelling }) => lettersInflected(word, spelling));
  const most = Math.max(...shared);
  return most === 0 ? [] : spellings.filter((_, index) => shared[index] === most).map(({ stem }) => stem);
}

function synonymsOf(stem: string, stems: readonly string[]): readonly string[] {
  return SYNONYMS.filter((group) => group.includes(stem)).flatMap((group) =>
    group.filter((one) => !stems.includes(one)),
  );
}

/** Letters that a word shares with a name of which it is another form; 0 where it is none. */
function lettersInflected(word: string, name: string): number {
  let shared = 0;
  while (shared < word.length && word[shared] === name[shared]) shared++;
  const { leastLetters, leastShare, longestEnding } = INFLECTION;
  const isForm = shared >= leastLetters && shared >= leastShare * name.length && word.length - shared <= longestEnding;
  return isForm && !word.includes(' ') ? shared : 0;
}

/** The class of that sense; where no class has it, all but those of the opposite sense. */
function classesOf({ stem, isNegated }: Sense, senses: readonly Sense[]): readonly number[] {
  const labels = [...senses.keys()];
  const same = labels.filter((label) => senses[label]?.stem === stem && senses[label].isNegated === isNegated);
  if (same.length > 0) return same;
  return labels.filter((label) => senses[label]?.stem !== stem);
}
