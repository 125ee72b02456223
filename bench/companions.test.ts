import { expect, test } from 'vitest';
import { compareInCompany } from './companions';
import { shippedManifest } from './dev-split';
import { LayerBatches, type Row } from './layer-batches';

/** Lengths on both sides of the widths that a processor adds in one step. */
const SAMPLES = [1, 7, 16, 33, 65].map((length) => Array.from({ length }, (_, token) => 1000 + 37 * token));

test.each(['q8', 'fp16'])('%s gives a row the same bits alone and beside anything', async (variant) => {
  const layers = await LayerBatches.open(await shippedManifest(), variant);
  const companies = [
    { samples: [0, 1, 2, 3, 4, 4, 3], poisons: [], padding: 0 },
    { samples: [2], poisons: [], padding: 45 },
    { samples: [3, 1], poisons: [1e30, Number.NaN], padding: 5 },
    { samples: [0], poisons: [Number.POSITIVE_INFINITY], padding: 63 },
  ];
  expect(await compareInCompany(layers, 2, SAMPLES, companies)).toEqual({ rows: 11, differing: 0 });
  await layers.release();
});

test('a row whose logits are of its neighbour is counted as differing', async () => {
  const layers = {
    embed: (ids: readonly (readonly number[])[]) =>
      Promise.resolve(ids.map((line) => ({ tokens: line.length, data: Float32Array.from(line) }))),
    runLayer: (_layer: number, rows: readonly Row[]) =>
      Promise.resolve(rows.map((row) => ({ ...row, logits: Float32Array.of(rows[0]?.tokens ?? 0) }))),
  };
  const companies = [
    { samples: [1, 2, 1], poisons: [], padding: 0 },
    { samples: [1], poisons: [1e30], padding: 4 },
  ];
  expect(await compareInCompany(layers, 1, SAMPLES, companies)).toEqual({ rows: 4, differing: 2 });
});
