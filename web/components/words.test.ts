import { expect, test } from 'vitest';
import { en } from '../words/en';
import { edgeText, rangeInWords, signed } from './words';

test('numbers have a minus that is one, and none at zero', () => {
  expect(signed(-0.234, 2)).toBe('−0.23');
  expect(signed(-0.001, 2)).toBe('0.00');
  expect(rangeInWords([-1, 2.25], 1)).toBe('−1.0 to 2.3');
});

test('a page without an edge says that it runs all layers, and asks nobody', () => {
  const tier = { edge: { state: 'none' }, edgesConnected: { open: 0, of: 0 } } as const;
  expect(edgeText(tier, false, en.shell.status)).toBe('No edge: this page runs all layers on this device');
});

test('a page with several edges says how many are connected, and one whose edge wants a token says that', () => {
  const edge = { state: 'open', tier: 'edge', roundTripMs: 3 } as const;
  expect(edgeText({ edge, edgesConnected: { open: 1, of: 2 } }, true, en.shell.status)).toBe('1 of 2 edges connected');
  expect(edgeText({ edge, edgesConnected: { open: 1, of: 1 } }, true, en.shell.status)).toBe('Edge connected');
  const down = { state: 'down', reason: 'no', wantsToken: true } as const;
  const text = edgeText({ edge: down, edgesConnected: { open: 0, of: 1 } }, true, en.shell.status);
  expect(text).toBe('The edge wants a token');
});
