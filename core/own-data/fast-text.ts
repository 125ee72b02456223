import { FILE_LIMITS, tooMany } from './limits';
import type { Table, TableRow } from './table';

const LABEL = String.raw`__label__\S+`;
/** fastText puts labels before the text, and takes them behind it too. */
const FRONT = new RegExp(String.raw`^\s*((?:${LABEL}[\s,]+)*${LABEL})(?:[\s,]+(.*))?$`);
const BACK = new RegExp(String.raw`^(.*?)[\s,]+((?:${LABEL}\s+)*${LABEL})\s*$`);
/** Of all lines, so many must have a label. */
const LABELLED_SHARE = 0.5;
const SAMPLE_LINES = 200;

/** Whether lines have labels as fastText writes them: “__label__positive A fine film.” */
export function isFastText(text: string): boolean {
  const lines = text.split(/\r\n|\n|\r/, SAMPLE_LINES).filter((line) => line.trim() !== '');
  return lines.length > 0 && lines.filter((line) => divided(line)).length >= LABELLED_SHARE * lines.length;
}

/**
 * The label and the text of each line; a pair's two texts stand on either side of a tab.
 * @throws DimeeError `LIMIT_EXCEEDED` for too many rows.
 */
export function fastTextTable(text: string, mostRows: number = FILE_LIMITS.maxRows): Table {
  const rows = text.split(/\r\n|\n|\r/).flatMap((line, index): TableRow[] => {
    if (line.trim() === '') return [];
    const [label, body] = divided(line) ?? ['', line];
    return [{ line: index + 1, fields: [label, ...body.split('\t')] }];
  });
  if (rows.length > mostRows) throw tooMany('rows');
  const narrowest = rows.reduce((least, { fields }) => Math.min(least, fields.length), Infinity);
  const width = Math.max(2, narrowest);
  const joined = rows.map((row) => ({ ...row, fields: joinedBeyond(row.fields, width) }));
  return { rows: joined, width, hasHeader: false };
}

/** A tab that not all texts have belongs to the text. */
function joinedBeyond(fields: readonly string[], width: number): readonly string[] {
  return [...fields.slice(0, width - 1), fields.slice(width - 1).join('\t')];
}

/** Label and text of a line, the prefix taken off. */
function divided(line: string): readonly [label: string, text: string] | undefined {
  const [, label, text = ''] = FRONT.exec(line) ?? [];
  if (label !== undefined) return [withoutPrefix(label), text];
  const [, before = '', behind] = BACK.exec(line) ?? [];
  return behind === undefined ? undefined : [withoutPrefix(behind), before];
}

function withoutPrefix(labels: string): string {
  return labels
    .split(/[\s,]+/)
    .map((label) => label.replace(/^__label__/, ''))
    .join(' ');
}
