import { expect, test } from 'vitest';
import { readTierUrl } from './tier-address';

test.each([
  ['ws://edge:8787', 'ws://edge:8787/v1/tier'],
  ['wss://edge.example/', 'wss://edge.example/v1/tier'],
  ['wss://edge.example/play/v1/tier', 'wss://edge.example/play/v1/tier'],
  ['WS://Edge.example?key=1#part', 'ws://edge.example/v1/tier?key=1'],
  ['https://edge.example', undefined],
  ['edge.example:8787', undefined],
  ['ws://', undefined],
  ['none', undefined],
  ['', undefined],
])('“%s” is the tier at %s', (text, url) => {
  expect(readTierUrl(text)).toBe(url);
});
