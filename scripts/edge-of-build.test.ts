import { expect, test } from 'vitest';
import { edgeOfBuild } from './edge-of-build.ts';

const tagsFor = (edge: string | undefined) => (edgeOfBuild(edge).transformIndexHtml as () => unknown)();

test('a build names the edge that it was told, or that there is none', () => {
  const tag = { tag: 'meta', injectTo: 'head' };
  const edge = 'wss://edge.example/v1/tier';
  expect(tagsFor(edge)).toEqual([{ ...tag, attrs: { name: 'dimee-edge', content: edge } }]);
  expect(tagsFor('none')).toEqual([{ ...tag, attrs: { name: 'dimee-edge', content: '' } }]);
});

test.each(['', undefined])('a build that was told %j leaves the edge to the server', (edge) => {
  expect(tagsFor(edge)).toEqual([]);
});

test.each(['https://edge.example', 'edge.example', 'wss://'])('a build does not begin with “%s”', (edge) => {
  expect(() => edgeOfBuild(edge)).toThrow(
    `must be an address like wss://edge.example/v1/tier, or none; not “${edge}”.`,
  );
});
