import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, taskOf } from '../../core/model/manifest';
import { drawLot } from '../../core/numbers/lots';
import { decodeTrace } from '../../core/trace/trace-file';

/** How long samples are, in tokens with the special ones. */
export type Lengths = 'glue' | { readonly from: number; readonly to: number };

/** `glue`, a length, or a range such as `8-64`; undefined for what is none. */
export function readLengths(text: string): Lengths | undefined {
  if (text === 'glue') return text;
  const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const range = { from: Number(from), to: Number(to) };
  return range.from >= 3 && range.from <= range.to && range.to <= 512 ? range : undefined;
}

/**
 * Lengths of so many samples. Those of `glue` are drawn from the rows of the dev splits on which the model was recorded,
 * which its traces tell without any text.
 * @param folder the model's.
 */
export async function drawLengths(
  lengths: Lengths,
  count: number,
  seed: number,
  { traces, folder }: { readonly traces: readonly string[]; readonly folder: string },
): Promise<number[]> {
  const lot = (index: number) => drawLot(seed, index, 2);
  if (lengths !== 'glue') {
    const { from, to } = lengths;
    return Array.from({ length: count }, (_, index) => from + Math.floor(lot(index) * (to - from + 1)));
  }
  const files = await Promise.all(traces.map((path) => readFile(join(folder, path))));
  const tokens = files.flatMap((file) => [...decodeTrace(new Uint8Array(file)).tokens]);
  return Array.from({ length: count }, (_, index) => tokens[Math.floor(lot(index) * tokens.length)] ?? 0);
}

/** The files of the dev traces of tasks. */
export function devTracesOf(manifest: Manifest, tasks: readonly string[]): readonly string[] {
  return tasks.flatMap((task) => taskOf(manifest, task).traces.dev?.path ?? []);
}
