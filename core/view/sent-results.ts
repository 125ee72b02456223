import { at } from '../numbers/at';
import { DimeeError } from '../errors';
import type { Outcome } from '../ladder/outcome';
import { layerAfter, type Stretch, TIERS, toLayer } from '../layers';
import { type Manifest, taskOf } from '../model/manifest';
import { MAX_PACKED, pack, unpack } from './packing';

/** What somebody else's run answered to one line. */
export interface SentAnswer {
  /** The way up to where it was settled, which is the end of the last stretch. */
  readonly way: readonly Stretch[];
  /** Index into the task's labels. */
  readonly label: number;
  /** 0 to 1, as exact as the page shows it. */
  readonly confidence: number;
}

/** By line of the text; undefined where a line had no answer. */
export type SentResults = readonly (SentAnswer | undefined)[];

/** Lines whose results a link may bring. */
export const MOST_SENT = 50_000;

/**
 * Of a line: the last layers run on the mobile tier, on the edge or before it, and in all (0 where it has no answer), then its
 * label, and its confidence in thousandths, high byte first.
 */
const COLUMNS = 6;
const THOUSANDTHS = 1000;
/** Hex digits of the model's hash: enough to tell any two models apart. */
const HASH_DIGITS = 16;

export const RESULTS_UNREADABLE =
  'The results that came with this link cannot be read and are left out. Press Run to compute them here.';

/**
 * Results as a link carries them: of which model, then column by column, which deflates best.
 * @throws DimeeError `BAD_INPUT` for more than a link may bring.
 */
export async function packResults(results: SentResults, { id, hash }: Manifest): Promise<string> {
  const packed =
    results.length > MOST_SENT ? '' : `${hash.slice(0, HASH_DIGITS)}-${id}.${await pack(columnsOf(results))}`;
  if (packed !== '' && packed.length <= MAX_PACKED) return packed;
  throw new DimeeError(
    'BAD_INPUT',
    'These results are too many for a link. Share fewer sentences, or export the results.',
  );
}

function columnsOf(results: SentResults): Uint8Array<ArrayBuffer> {
  const columns = new Uint8Array(COLUMNS * results.length);
  results.forEach((answer, line) => {
    if (!answer) return;
    const thousandths = Math.round(THOUSANDTHS * answer.confidence);
    const cells = [...endsOf(answer.way), answer.label, thousandths >> 8, thousandths & 0xff];
    cells.forEach((cell, column) => (columns[column * results.length + line] = cell));
  });
  return columns;
}

/** The last layer that has run by the end of each tier. */
function endsOf(way: readonly Stretch[]): number[] {
  let end = 0;
  return TIERS.map((tier) => (end = way.find((stretch) => stretch.tier === tier)?.lastLayer ?? end));
}

function wayOf(ends: readonly number[]): Stretch[] {
  return TIERS.flatMap((tier, index) => {
    const [before, end] = [toLayer(ends[index - 1] ?? 0), toLayer(at(ends, index))];
    return end > before ? [{ tier, firstLayer: layerAfter(before), lastLayer: end }] : [];
  });
}

/** What a link says of where a sample was settled; undefined where it was not. */
export function sentAnswerOf(outcome: Pick<Outcome, 'exit' | 'stretches'> | undefined): SentAnswer | undefined {
  if (!outcome) return undefined;
  const { layer, label, confidence } = outcome.exit;
  const reached = outcome.stretches.filter(({ firstLayer }) => firstLayer <= layer);
  const way = reached.map((stretch) => (stretch.lastLayer > layer ? { ...stretch, lastLayer: layer } : stretch));
  return { way, label, confidence };
}

/** The results of a link, or a sentence on why they are left out: nothing of another model or task is a result here. */
export async function unpackResults(packed: string, task: string, manifest: Manifest): Promise<SentResults | string> {
  const [, hash, id = '', columns = ''] = /^([0-9a-f]{16})-([\w.-]+)\.([\w-]+)$/.exec(packed) ?? [];
  if (hash === undefined) return RESULTS_UNREADABLE;
  if (id !== manifest.id || hash !== manifest.hash.slice(0, HASH_DIGITS)) {
    const other = id === manifest.id ? `another version of the model ${id}` : `another model, ${id}`;
    return `The results that came with this link are of ${other}, and are left out. Press Run to compute them here.`;
  }
  const bytes = await unpack(columns, COLUMNS * MOST_SENT);
  return (bytes && answersOf(bytes, taskOf(manifest, task).labels.length, manifest.layers)) ?? RESULTS_UNREADABLE;
}

/** Undefined where any line is no answer of this task. */
function answersOf(bytes: Uint8Array, labels: number, layers: number): SentResults | undefined {
  const lines = bytes.length / COLUMNS;
  if (lines === 0 || !Number.isInteger(lines)) return undefined;
  const results: (SentAnswer | undefined)[] = [];
  for (let line = 0; line < lines; line++) {
    const [mobile, edge, end, label, high, low] = cellsOf(bytes, line, lines);
    const thousandths = 256 * high + low;
    if (mobile > edge || edge > end || end > layers || label >= labels || thousandths > THOUSANDTHS) return undefined;
    const answer = { way: wayOf([mobile, edge, end]), label, confidence: thousandths / THOUSANDTHS };
    results.push(end > 0 ? answer : undefined);
  }
  return results;
}

function cellsOf(bytes: Uint8Array, line: number, lines: number): [number, number, number, number, number, number] {
  const cell = (column: number) => at(bytes, column * lines + line);
  return [cell(0), cell(1), cell(2), cell(3), cell(4), cell(5)];
}
