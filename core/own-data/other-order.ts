import { at } from '../numbers/at';
import type { LabelWords } from './label-words';

/** Another assignment of classes to labels, by which far more answers would be right. */
export interface OtherOrder {
  /** The class that labels of each class would mean, `[classes]`. */
  readonly classes: readonly number[];
  /** Rows that are right as labels were taken, and as they would be right. */
  readonly right: number;
  readonly rightThen: number;
  readonly rows: number;
}

/** Of all rows, so many more must be right. */
const LEAST_GAIN = 0.2;
/** How rarely chance alone may make another order look better. */
const SIGNIFICANCE = 0.01;
/** Of more classes than this, only two are exchanged at a time: six have 720 orders. */
const MOST_PERMUTED = 6;

/**
 * Whether the file numbers its classes in another order than the model. Of all orders the one is taken by which most
 * answers are right. It is offered where at least a fifth more of all rows would be right, and where an exact sign test
 * over the rows that are right in one order alone, one-sided and divided by the number of orders (Bonferroni), has
 * p < 0.01: a model that is no better than chance on hard rows does not make an order wrong. Labels of one class alone
 * have no order.
 */
export function otherOrder(
  gold: ArrayLike<number>,
  answers: ArrayLike<number>,
  classes: number,
): OtherOrder | undefined {
  const counts = confusionOf(gold, answers, classes);
  const own = [...counts.keys()];
  if (counts.filter((row) => row.some((count) => count > 0)).length < 2) return undefined;
  const rightBy = (order: readonly number[]) => order.reduce((sum, to, from) => sum + (counts[from]?.[to] ?? 0), 0);
  const orders = ordersOf(own);
  const right = rightBy(own);
  const best = orders.reduce((one, other) => (rightBy(other) > rightBy(one) ? other : one), own);
  const rightThen = rightBy(best);
  const onlyThen = best.reduce((sum, to, from) => sum + (to === from ? 0 : (counts[from]?.[to] ?? 0)), 0);
  const onlyNow = onlyThen - (rightThen - right);
  const isFar = rightThen - right >= LEAST_GAIN * gold.length;
  if (!isFar || signTest(onlyThen, onlyNow) * (orders.length - 1) >= SIGNIFICANCE) return undefined;
  return { classes: best, right, rightThen, rows: gold.length };
}

/** Labels as they are in another order. */
export function goldInOrder(gold: Uint8Array, { classes }: Pick<OtherOrder, 'classes'>): Uint8Array {
  return gold.map((label) => at(classes, label));
}

/** What words mean in another order. */
export function wordsInOrder(words: LabelWords, { classes }: Pick<OtherOrder, 'classes'>): LabelWords {
  const inOrder = [...words].sort(([, one], [, other]) => (one ?? classes.length) - (other ?? classes.length));
  return new Map(inOrder.map(([word, label]) => [word, label === null ? null : at(classes, label)]));
}

/** The other order in a sentence, by the words of the file, or by the names of classes where there are none. */
export function otherOrderSentence(
  order: OtherOrder,
  labels: readonly string[],
  words: LabelWords | undefined,
): string {
  const { right, rightThen, rows } = order;
  const known = words ?? new Map(labels.map((name, label) => [name, label]));
  const changes = [...wordsInOrder(known, order)].flatMap(([word, label]) =>
    label === null || label === known.get(word) ? [] : [`“${word}” meant ${at(labels, label)}`],
  );
  const of = (count: number) => `${count.toLocaleString('en')} of ${rows.toLocaleString('en')}`;
  const beside = `${of(rightThen)} rows would be right, not ${right.toLocaleString('en')}`;
  return `The labels seem to be in another order: if ${changes.join(' and ')}, ${beside}.`;
}

/** How often rows of each label were given each answer, `[label][answer]`. */
function confusionOf(gold: ArrayLike<number>, answers: ArrayLike<number>, classes: number): readonly number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let row = 0; row < gold.length; row++) {
    const ofLabel = at(counts, at(gold, row));
    const answer = at(answers, row);
    ofLabel[answer] = at(ofLabel, answer) + 1;
  }
  return counts;
}

/** The own order first; the others with few exchanges before those with many. */
function ordersOf(own: readonly number[]): readonly (readonly number[])[] {
  const moved = (order: readonly number[]) => order.filter((to, from) => to !== from).length;
  const orders = own.length <= MOST_PERMUTED ? permutationsOf(own) : exchangesIn(own);
  return [...orders].sort((one, other) => moved(one) - moved(other));
}

function permutationsOf(items: readonly number[]): readonly (readonly number[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((first) =>
    permutationsOf(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  );
}

function exchangesIn(own: readonly number[]): readonly (readonly number[])[] {
  const exchanged = (one: number, other: number) =>
    own.map((label) => (label === one ? other : label === other ? one : label));
  return [own, ...own.flatMap((one) => own.slice(one + 1).map((other) => exchanged(one, other)))];
}

/** The probability that a fair coin falls on one side at least so often, and on the other as often as that or less. */
function signTest(wins: number, losses: number): number {
  const tosses = wins + losses;
  let logarithm = -tosses * Math.LN2;
  let sum = 0;
  for (let heads = tosses; heads >= wins; heads--) {
    sum += Math.exp(logarithm);
    logarithm += Math.log(heads / (tosses - heads + 1));
  }
  return sum;
}
