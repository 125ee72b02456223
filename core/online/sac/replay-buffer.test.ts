import { expect, test } from 'vitest';
import { seededRandom } from '../../testing/random';
import { emptyBatch, ReplayBuffer } from './replay-buffer';

/** A buffer of three that was given this many steps; everything about step n is made of n. */
function filled(steps: number) {
  const buffer = new ReplayBuffer(3, 2);
  for (let step = 1; step <= steps; step++) {
    buffer.add(Float64Array.of(step, -step), step, step / 10, Float64Array.of(step + 1, -step - 1));
  }
  return buffer;
}

test('the latest steps are kept, whole, and each is drawn about as often', () => {
  const buffer = filled(5);
  expect(buffer.size).toBe(3);
  const batch = emptyBatch(3000, 2);
  buffer.draw(batch, seededRandom(72));
  const counts = new Map<number, number>();
  batch.actions.forEach((step, row) => {
    counts.set(step, (counts.get(step) ?? 0) + 1);
    expect([...batch.features.subarray(2 * row, 2 * row + 2)]).toEqual([step, -step]);
    expect([...batch.nextFeatures.subarray(2 * row, 2 * row + 2)]).toEqual([step + 1, -step - 1]);
    expect(batch.rewards[row]).toBe(step / 10);
  });
  expect([...counts.keys()].sort()).toEqual([3, 4, 5]);
  for (const count of counts.values()) expect(count).toBeCloseTo(1000, -2.3);
});

test('one that is not full gives what it has', () => {
  const batch = emptyBatch(20, 2);
  filled(1).draw(batch, seededRandom(73));
  expect([...new Set(batch.actions)]).toEqual([1]);
});
