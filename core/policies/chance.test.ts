import { describe, expect, test } from 'vitest';
import { exitLayer, exitsWith } from '../testing/exits';
import { drawLot, seedOfTexts } from '../numbers/lots';

const exits = exitsWith(...new Array<number[]>(12).fill([0.5, 0.5]));
const ROWS = 4000;

function meanDepth(id: string, parameters: Readonly<Record<string, number>>): number {
  const rows = Array.from({ length: ROWS }, (_, rowSeed) => exitLayer(id, parameters, exits, { sample: { rowSeed } }));
  return rows.reduce<number>((sum, layer) => sum + (layer ?? Number.NaN), 0) / ROWS;
}

describe('lots', () => {
  test('are the same for the same numbers, and others for others', () => {
    expect(drawLot(1, 2, 3)).toBe(drawLot(1, 2, 3));
    expect(new Set([drawLot(1, 2, 3), drawLot(1, 3, 2), drawLot(2, 2, 3), drawLot(1, 2)]).size).toBe(4);
  });

  test('are spread evenly, also between neighbouring rows and layers', () => {
    const lots = Array.from({ length: 12_000 }, (_, index) => drawLot(1, Math.floor(index / 12), index % 12));
    const tenths = new Array<number>(10).fill(0);
    for (const lot of lots) tenths[Math.floor(lot * 10)] = (tenths[Math.floor(lot * 10)] ?? 0) + 1;
    expect(Math.min(...tenths)).toBeGreaterThan(1080);
    expect(Math.max(...tenths)).toBeLessThan(1320);
    for (const distance of [1, 12]) {
      const products = lots.slice(distance).map((lot, index) => (lot - 0.5) * ((lots[index] ?? 0) - 0.5));
      const correlation = (12 * products.reduce((sum, product) => sum + product, 0)) / products.length;
      expect(Math.abs(correlation)).toBeLessThan(0.04);
    }
  });

  test('a sample’s seed is that of its texts, of 32 bits', () => {
    // FNV-1a of “a” and of nothing, from its authors' table.
    expect([seedOfTexts(['a']), seedOfTexts([''])]).toEqual([0xe40c292c, 0x811c9dc5]);
    expect(seedOfTexts(['naïve', 'b'])).not.toBe(seedOfTexts(['naïve', 'c']));
  });
});

describe('random exit', () => {
  test.each([
    [0, 12],
    [1, 1],
  ])('with probability %i leaves at layer %i', (probability, layer) => {
    expect(meanDepth('random-exit', { probability })).toBe(layer);
  });

  test('leaves at each exit with the probability asked for', () => {
    // Mean of a geometric distribution cut at 12: (1 − 0.8^12) / 0.2; its deviation is about 3.4.
    expect(meanDepth('random-exit', { probability: 0.2 })).toBeCloseTo((1 - 0.8 ** 12) / 0.2, 0);
    const leftAtOne = Array.from({ length: ROWS }, (_, rowSeed) =>
      exitLayer('random-exit', { probability: 0.2 }, exits, { sample: { rowSeed } }),
    ).filter((layer) => layer === 1).length;
    expect(leftAtOne / ROWS).toBeCloseTo(0.2, 1);
  });

  test('draws other lots for another draw', () => {
    const layersOf = (draw: number) =>
      Array.from({ length: 50 }, (_, rowSeed) => exitLayer('random-exit', { draw }, exits, { sample: { rowSeed } }));
    expect(layersOf(1)).toEqual(layersOf(1));
    expect(layersOf(2)).not.toEqual(layersOf(1));
  });
});

describe('fixed exit', () => {
  test.each([1, 4, 12])('leaves every sample at layer %i', (depth) => {
    const rows = Array.from({ length: 50 }, (_, rowSeed) =>
      exitLayer('fixed-exit', { depth }, exits, { sample: { rowSeed } }),
    );
    expect(new Set(rows)).toEqual(new Set([depth]));
  });

  test('between two layers leaves at either, so that the mean is the depth asked for', () => {
    const rows = Array.from({ length: ROWS }, (_, rowSeed) =>
      exitLayer('fixed-exit', { depth: 3.3 }, exits, { sample: { rowSeed } }),
    );
    expect(new Set(rows)).toEqual(new Set([3, 4]));
    expect(Math.abs(meanDepth('fixed-exit', { depth: 3.3 }) - 3.3)).toBeLessThan(0.03);
  });
});
