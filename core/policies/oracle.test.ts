import { describe, expect, test } from 'vitest';
import { exitLayer, exitsWith } from '../testing/exits';

describe('the oracle', () => {
  const exits = exitsWith([0.9, 0.1], [0.2, 0.8], [0.9, 0.1]);

  test('leaves at the first exit that is right', () => {
    expect(exitLayer('oracle', {}, exits, { sample: { gold: 0 } })).toBe(1);
    expect(exitLayer('oracle', {}, exits, { sample: { gold: 1 } })).toBe(2);
  });

  test('goes to the last layer where none is', () => {
    const wrong = exitsWith(...new Array<number[]>(12).fill([0.9, 0.1]));
    expect(exitLayer('oracle', {}, wrong.slice(0, 11), { sample: { gold: 1 } })).toBeUndefined();
    expect(exitLayer('oracle', {}, wrong, { sample: { gold: 1 } })).toBe(12);
  });
});
