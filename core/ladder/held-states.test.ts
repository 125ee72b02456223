import { describe, expect, test } from 'vitest';
import { toLayer } from '../layers';
import { randomInt, seededRandom } from '../testing/random';
import { HeldStates } from './held-states';

/** A state of that many bytes. */
const state = (bytes: number) => ({ tokens: 1, hidden: bytes / 4, data: new Float32Array(bytes / 4) });

describe('HeldStates', () => {
  test('gives back the state after exactly the layer it was kept at', () => {
    const held = new HeldStates(1000);
    const kept = state(40);
    held.set('a', toLayer(4), kept);
    expect(held.get('a', toLayer(4))).toBe(kept);
    expect(held.get('a', toLayer(5))).toBeUndefined();
    expect(held.get('b', toLayer(4))).toBeUndefined();
  });

  test('keeps one state a sample, the last one', () => {
    const held = new HeldStates(1000);
    held.set('a', toLayer(4), state(40));
    held.set('a', toLayer(8), state(80));
    expect(held.get('a', toLayer(4))).toBeUndefined();
    expect(held.get('a', toLayer(8))).toBeDefined();
    expect(held.bytes).toBe(80);
  });

  test('drops the oldest until it is within its bytes', () => {
    const held = new HeldStates(100);
    for (const key of ['a', 'b', 'c']) held.set(key, toLayer(1), state(40));
    expect(['a', 'b', 'c'].map((key) => held.get(key, toLayer(1)) !== undefined)).toEqual([false, true, true]);
    held.set('d', toLayer(1), state(80));
    expect(['b', 'c', 'd'].map((key) => held.get(key, toLayer(1)) !== undefined)).toEqual([false, false, true]);
    expect(held.bytes).toBe(80);
  });

  test('a state kept again is young again', () => {
    const held = new HeldStates(100);
    held.set('a', toLayer(1), state(40));
    held.set('b', toLayer(1), state(40));
    held.set('a', toLayer(2), state(40));
    held.set('c', toLayer(1), state(40));
    expect(held.get('a', toLayer(2))).toBeDefined();
    expect(held.get('b', toLayer(1))).toBeUndefined();
  });

  test('does not keep a state that is larger than everything it may keep', () => {
    const held = new HeldStates(100);
    held.set('small', toLayer(1), state(40));
    held.set('large', toLayer(1), state(104));
    expect(held.get('large', toLayer(1))).toBeUndefined();
    expect(held.bytes).toBe(0);
  });

  test('forgets what it is told to', () => {
    const held = new HeldStates(100);
    held.set('a', toLayer(1), state(40));
    held.delete('a');
    held.delete('never there');
    expect(held.get('a', toLayer(1))).toBeUndefined();
    expect(held.bytes).toBe(0);
  });

  test('counts the bytes of what it holds and never passes its bound', () => {
    const random = seededRandom(9);
    const held = new HeldStates(400);
    for (let round = 0; round < 500; round++) {
      const key = `sample-${randomInt(random, 0, 9)}`;
      if (random() < 0.2) held.delete(key);
      else held.set(key, toLayer(1), state(4 * randomInt(random, 1, 40)));
      const kept = Array.from(
        { length: 10 },
        (_, index) => held.get(`sample-${index}`, toLayer(1))?.data.byteLength ?? 0,
      );
      expect(held.bytes).toBe(kept.reduce((sum, bytes) => sum + bytes, 0));
      expect(held.bytes).toBeLessThanOrEqual(400);
    }
  });
});
