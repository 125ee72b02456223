import { describe, expect, it } from 'vitest';
import { exampleText } from './examples';

const singles = { examples: Array.from({ length: 12 }, (_, index) => [`Sentence ${index}.`] satisfies [string]) };

describe('example sentences', () => {
  it('stand as the model has them at seed 1, eight of them', () => {
    expect(exampleText(singles, 1).split('\n')).toEqual(singles.examples.slice(0, 8).flat());
  });

  it('of pairs have a tab between', () => {
    expect(exampleText({ examples: [['It rains.', 'It is wet.']] }, 1)).toBe('It rains.\tIt is wet.');
  });

  it('are the same for the same seed, and others for another', () => {
    expect(exampleText(singles, 5)).toBe(exampleText(singles, 5));
    expect(exampleText(singles, 5)).not.toBe(exampleText(singles, 6));
  });

  it('are none where the model brings none', () => {
    expect(exampleText({ examples: [] }, 3)).toBe('');
  });
});
