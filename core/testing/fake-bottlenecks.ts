import { Float16Array } from '@petamoriken/float16';
import { Bottlenecks } from '../model/bottlenecks';
import type { BottleneckEntry, Manifest } from '../model/manifest';

/** The file of a bottleneck that changes nothing: the first numbers of the latent are those of the state itself. */
export function fakeBottleneckFile(
  { int8, int4 }: Pick<BottleneckEntry, 'int8' | 'int4'>,
  hidden: number,
): Uint8Array<ArrayBuffer> {
  const rank = int8 + int4;
  const numbers = new Float16Array(hidden + 2 * hidden * rank);
  for (let index = 0; index < Math.min(hidden, rank); index++) {
    numbers[hidden + index * rank + index] = 1;
    numbers[hidden + hidden * rank + index * hidden + index] = 1;
  }
  return new Uint8Array(numbers.buffer);
}

/** The bottlenecks that a fake manifest lists. None has been read yet. */
export function fakeBottlenecks(manifest: Manifest): Bottlenecks {
  return new Bottlenecks(manifest, ({ path }) => {
    const entry = manifest.bottlenecks.find(({ file }) => file.path === path);
    if (!entry) return Promise.reject(new Error(`The fake model has no file ${path}.`));
    return Promise.resolve(fakeBottleneckFile(entry, manifest.hidden));
  });
}
