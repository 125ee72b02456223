/** A text in lines no wider than `width`, as far as its words allow; `measure` gives a text's width. */
export function wrapWords(text: string, width: number, measure: (text: string) => number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    const longer = line === undefined ? word : `${line} ${word}`;
    if (line !== undefined && measure(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Puts things side by side, in new rows where the width is used up. Every row has at least one. */
export function inRows<Item extends { readonly width: number }>(
  items: readonly Item[],
  width: number,
): (Item & { readonly x: number })[][] {
  const rows: (Item & { readonly x: number })[][] = [];
  let x = 0;
  for (const item of items) {
    const row = rows.at(-1);
    if (row && x + item.width <= width) row.push({ ...item, x });
    else {
      x = 0;
      rows.push([{ ...item, x }]);
    }
    x += item.width;
  }
  return rows;
}
