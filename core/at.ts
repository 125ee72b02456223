/**
 * The item at an index that must be there. Where a missing one would mean zero or nothing, say that instead (`?? 0`).
 * @throws RangeError beyond the list's ends.
 */
export function at<Item>(list: ArrayLike<Item>, index: number): Item {
  const item = list[index];
  if (item === undefined) throw new RangeError(`There is no item ${index} in a list of ${list.length}.`);
  return item;
}
