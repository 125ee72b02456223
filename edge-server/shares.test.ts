import { expect, test } from 'vitest';
import { Shares } from './shares';

test('A client holds its share and no more, and what is given back twice counts once', () => {
  const shares = new Shares(2);
  const giveBack = shares.take('a');
  expect(shares.take('a')).toBeDefined();
  expect(shares.take('a')).toBeUndefined();
  expect(shares.take('b')).toBeDefined();
  giveBack?.();
  giveBack?.();
  expect(shares.take('a')).toBeDefined();
  expect(shares.take('a')).toBeUndefined();
});
