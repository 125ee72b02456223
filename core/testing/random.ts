/** A source of numbers from 0 to below 1 that is the same for the same seed (mulberry32). */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from `min` to `max`, both included. */
export function randomInt(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

/** `classes` logits from −`spread` to `spread`, in steps of 1/128: exact in float16 up to a spread of 16. */
export function randomLogits(random: Random, classes: number, spread = 4): number[] {
  return Array.from({ length: classes }, () => randomInt(random, -spread * 128, spread * 128) / 128);
}

/** One of the items. */
export function randomItem<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[randomInt(random, 0, items.length - 1)];
  if (item === undefined) throw new Error('randomItem needs at least one item.');
  return item;
}
