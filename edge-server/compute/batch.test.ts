import { describe, expect, test } from 'vitest';
import { padded, unpadded } from './batch';
import { ReusedMemory } from './reused-memory';
import { sendable, shared, sharedFloats } from './shared-memory';

describe('A batch', () => {
  const rows = [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6)];

  test('is padded with zeros that the mask hides', () => {
    expect(padded(rows, 2)).toEqual({
      inputs: {
        hidden_state: Float32Array.of(1, 2, 3, 4, 5, 6, 0, 0),
        attention_mask: Int32Array.of(1, 1, 1, 0),
      },
      tokens: 2,
      lengths: [2, 1],
    });
  });

  test('may lie in memory that was used before, whatever is in it', () => {
    const memory = new ReusedMemory();
    memory.take(12).fill(7);
    const { inputs } = padded(rows, 2, memory.take);
    expect(inputs).toEqual(padded(rows, 2).inputs);
    expect(inputs.hidden_state?.buffer).toBe(memory.take(3).buffer);
    expect(memory.take(13)).toHaveLength(13);
  });

  test('comes back without what was padded, in shared memory', () => {
    const states = unpadded(Float32Array.of(1, 2, 3, 4, 5, 6, 9, 9), padded(rows, 2), 2);
    expect(states).toEqual([Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6)]);
    expect(states.map(({ buffer }) => [buffer instanceof SharedArrayBuffer, buffer.byteLength])).toEqual([
      [true, 16],
      [true, 8],
    ]);
  });
});

describe('Shared memory', () => {
  test('takes all arrays of numbers of a value, however deep, and nothing else', () => {
    const value = { name: 'codec', parts: [{ bits: Float32Array.of(1.5), table: Uint16Array.of(7) }], none: undefined };
    const copy = shared(value);
    expect(copy).toEqual(value);
    expect(copy.parts[0]?.table.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(shared(Buffer.from('abc'))).toEqual(Uint8Array.of(97, 98, 99));
  });

  test('is sent as it is; of other memory only what is meant', () => {
    const view = sharedFloats(8).subarray(2, 4);
    expect(sendable(view)).toBe(view);
    const whole = new Float32Array(4);
    expect(sendable(whole)).toBe(whole);
    expect(sendable(whole.subarray(1, 3)).buffer.byteLength).toBe(8);
  });
});
