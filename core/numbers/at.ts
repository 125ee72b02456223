/**
 * The item at an index that must be there. Where a missing one would mean zero or nothing, say that instead (`?? 0`).
 * Loops over the numbers of a hidden state, a network or a trace keep within their bounds themselves and read `?? 0`:
 * V8 reads generically here, since lists of every kind come, which makes such loops 1.1 to 15 times as slow.
 * @throws RangeError beyond the list's ends.
 */
export function at<Item>(list: ArrayLike<Item>, index: number): Item {
  const item = list[index];
  if (item === undefined) throw new RangeError(`There is no item ${index} in a list of ${list.length}.`);
  return item;
}

/** The last item of a list that must have one. @throws RangeError where it is empty. */
export function lastOf<Item>(list: ArrayLike<Item>): Item {
  return at(list, list.length - 1);
}
