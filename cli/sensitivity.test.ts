import { describe, expect, test } from 'vitest';
import { type Sensitivity, sensitivityCsv, sensitivityJson, sensitivityMarkdown } from './sensitivity';

const times = (meanMs: number) => ({ meanMs, p95Ms: 2 * meanMs, millijoules: 3 * meanMs });
const sensitivity: Sensitivity = {
  allowedLossPoints: 0.3,
  prices: [
    {
      mobileLayer: 1,
      offloading: 1,
      costCutPercent: 70.25,
      lossPoints: 0.1,
      staticCutPercent: 60,
      staticLossPoints: 0.2,
    },
    { mobileLayer: 4, offloading: 1, costCutPercent: -3, lossPoints: 0.3, staticCutPercent: 50, staticLossPoints: 0.4 },
  ],
  times: [{ upMbps: 12, mobileLayerMs: 5, cascade: times(10), allCloud: times(20) }],
};

describe('what changes with prices, uplink and device', () => {
  test('is a grid each, the other way behind every number', () => {
    const text = sensitivityMarkdown(sensitivity);
    expect(text).toContain('|  | o × 1 |\n| --- | --- |\n| λm 1 | 70.3 (60.0) |\n| λm 4 | -3.0 (50.0) |');
    expect(text).toContain('|  | 5 ms |\n| --- | --- |\n| 12 Mbit/s | 20 (40) |');
  });

  test('is lines of numbers', () => {
    const [prices, cells] = sensitivityCsv(sensitivity).split('\n\n');
    expect(prices?.split('\n')[1]).toBe('1,1,70.25,0.1,60,0.2');
    expect(cells?.trim().split('\n')[1]).toBe('12,5,10,20,30,20,40,60');
  });

  test('is one object with the link that it was tried on', () => {
    expect(JSON.parse(sensitivityJson(sensitivity))).toMatchObject({ ...sensitivity, link: { roundTripMs: 70 } });
  });
});
