import { describe, expect, it } from 'vitest';
import { wilsonInterval } from './wilson';

const rounded = (found: number, rows: number) => wilsonInterval(found, rows).map((bound) => Number(bound.toFixed(4)));

describe('the interval of a share', () => {
  it('is that of published tables', () => {
    // Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    expect(rounded(81, 263)).toEqual([0.2553, 0.3662]);
    expect(rounded(15, 148)).toEqual([0.0624, 0.1605]);
    expect(rounded(0, 20)).toEqual([0, 0.1611]);
    expect(rounded(1, 29)).toEqual([0.0061, 0.1718]);
  });

  it('is no certainty where all of few rows are right', () => {
    expect(rounded(10, 10)).toEqual([0.7225, 1]);
  });
});
