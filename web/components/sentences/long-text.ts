/** Characters above which a text field can hardly be edited: browsers lay out and edit it line by line. */
const MOST_EDITABLE = 50_000;
const LINES_SHOWN = 100;
/** Lines in one insertion that the browser's own editing still takes quickly; its time grows with their square. */
const MOST_INSERTED = 40;

/** What a text field shows of a text too long for it. */
export interface Excerpt {
  /** The first lines. */
  readonly text: string;
  /** Lines of the whole text. */
  readonly lines: number;
}

/** The beginning of a text that is too long for a text field; undefined where it is not. */
export function excerptOf(text: string): Excerpt | undefined {
  if (text.length <= MOST_EDITABLE) return undefined;
  let [lines, end] = [1, text.length];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (lines === LINES_SHOWN) end = at;
    lines++;
  }
  return { text: text.slice(0, Math.min(end, MOST_EDITABLE)), lines };
}

/** Whether a script should put it into the field, rather than the browser. */
export function isLongInsertion(text: string): boolean {
  return text.length > MOST_EDITABLE || text.split('\n', MOST_INSERTED + 1).length > MOST_INSERTED;
}
