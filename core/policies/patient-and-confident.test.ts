import { describe, expect, test } from 'vitest';
import { exitsOf } from '../exits';
import { exitLayer, exitsWith } from '../testing/exits';

describe('patient and confident', () => {
  const certainties = (...confidences: number[]) => exitsWith(...confidences.map((p) => [p, 1 - p]));

  test('leaves once so many exits in a row are each confident', () => {
    const exits = certainties(0.95, 0.8, 0.92, 0.97, 0.99);
    const leavesAt = (patience: number, threshold: number) =>
      exitLayer('patient-and-confident', { patience, threshold }, exits);
    expect([1, 2, 3, 4].map((patience) => leavesAt(patience, 0.9))).toEqual([1, 4, 5, undefined]);
    expect([0.75, 0.9, 0.93].map((threshold) => leavesAt(2, threshold))).toEqual([2, 4, 5]);
  });

  test('counts exits that are sure of different classes, and counts across tiers', () => {
    const exits = exitsWith([0.9, 0.1], [0.1, 0.9], [0.9, 0.1], [0.1, 0.9], [0.9, 0.1]);
    expect(exitLayer('patient-and-confident', { patience: 5, threshold: 0.85 }, exits)).toBe(5);
  });

  test('a threshold of 1 is never reached', () => {
    const exits = exitsOf([[800, 0]], [1]);
    expect(exitLayer('patient-and-confident', { patience: 1, threshold: 1 }, exits)).toBeUndefined();
  });
});
