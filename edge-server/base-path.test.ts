import { describe, expect, test } from 'vitest';
import { enterBelow, readBasePath } from './base-path';

test.each([
  ['/', ''],
  ['', ''],
  ['/play', '/play'],
  ['play/', '/play'],
  ['/lab/play-2.0/', '/lab/play-2.0'],
])('--base-path “%s” is “%s”', (text, basePath) => {
  expect(readBasePath(text)).toBe(basePath);
});

test.each(['/a b', '/../secret', '/.', '/a?b', 'https://play.example/a', '/é'])('“%s” is no base path', (text) => {
  expect(() => readBasePath(text)).toThrow('a path like /playground');
});

describe('below /play', () => {
  test.each([
    ['/play/', { url: '/' }],
    ['/play/v1/tier?key=1', { url: '/v1/tier?key=1' }],
    ['/v1/tier', { url: '/v1/tier' }],
    ['/player/', { url: '/player/' }],
    ['/play', { location: '/play/' }],
    ['/play?edge=none', { location: '/play/?edge=none' }],
    [undefined, { url: '/' }],
  ])('%s is %j', (url, entry) => {
    expect(enterBelow('/play', url)).toEqual(entry);
  });
});

test('nothing is below the root', () => {
  expect(enterBelow('', '/play')).toEqual({ url: '/play' });
});
