import { describe, expect, it } from 'vitest';
import { excerptOf, isLongInsertion } from './long-text';

const lines = (count: number) => Array.from({ length: count }, (_, index) => `A sentence of number ${index}.`);

describe('a text for a text field', () => {
  it('is shown whole while it can be edited', () => {
    expect(excerptOf(lines(1000).join('\n'))).toBeUndefined();
  });

  it('is shown by its first lines when it is long, and all its lines are counted', () => {
    expect(excerptOf(lines(20_000).join('\n'))).toEqual({ text: lines(100).join('\n'), lines: 20_000 });
  });

  it('is cut within a line where one line is all there is', () => {
    const excerpt = excerptOf('long '.repeat(20_000));
    expect(excerpt?.lines).toBe(1);
    expect(excerpt?.text).toHaveLength(50_000);
  });

  it('is put in by the browser where it has few lines, which can be undone', () => {
    expect(isLongInsertion(lines(40).join('\n'))).toBe(false);
    expect(isLongInsertion(lines(41).join('\n'))).toBe(true);
    expect(isLongInsertion('x'.repeat(50_001))).toBe(true);
  });
});
