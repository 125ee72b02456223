import { describe, expect, test } from 'vitest';
import { ShareWindow } from './share-window';

describe('A window of requests', () => {
  test('is all that a tier takes, as long as it refuses none', () => {
    const window = new ShareWindow();
    expect(window.within(32)).toBe(32);
    window.answered(32);
    expect(window.within(32)).toBe(32);
  });

  test('is halved once for all that were sent together, and never to nothing', () => {
    const window = new ShareWindow();
    for (const inFlight of [20, 19, 18]) window.refused(5, inFlight, 10);
    expect(window.within(32)).toBe(10);
    window.refused(11, 10, 20);
    expect(window.within(32)).toBe(5);
    for (const at of [21, 31, 41, 51]) window.refused(at, 1, at + 9);
    expect(window.within(32)).toBe(1);
  });

  test('grows by one for each window that is answered', () => {
    const window = new ShareWindow();
    window.refused(5, 8, 10);
    for (let answer = 0; answer < 4; answer++) window.answered(32);
    expect(window.within(32)).toBe(4);
    window.answered(32);
    expect(window.within(32)).toBe(5);
    for (let answer = 0; answer < 2000; answer++) window.answered(32);
    expect(window.within(32)).toBe(32);
  });
});
