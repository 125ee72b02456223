import { expect, test } from 'vitest';
import { takeOwnScriptsAlone } from './own-scripts';

const href = 'https://play.example/demo/assets/main-1a2b.js';

/** What a worker's scope makes of an address of a script. */
function madeOf(address: string): string {
  const policies = new Map<string, (address: string) => string>();
  const createPolicy = (name: string, rules: { createScriptURL(address: string): string }) =>
    policies.set(name, (text) => rules.createScriptURL(text));
  takeOwnScriptsAlone({ trustedTypes: { createPolicy }, location: { href } });
  return policies.get('default')?.(address) ?? '';
}

test.each(['https://play.example/demo/assets/ort-wasm-simd-threaded-3c4d.js', './ort.asyncify-5e_6f.js', href])(
  'a worker takes %s, which is of its build',
  (address) => expect(madeOf(address)).toBe(new URL(address, href).href),
);

test.each([
  'https://play.example/demo/s/script.js',
  'https://play.example/demo/assets/../s/script.js',
  'https://play.example/demo/assets/deeper/script.js',
  'https://play.example/demo/assets/script.js?then=else',
  'https://play.example/demo/assets.js',
  'https://evil.example/demo/assets/main-1a2b.js',
  '//evil.example/demo/assets/main-1a2b.js',
  'blob:https://play.example/7c0d',
  'data:text/javascript,0',
  'https://play.example/demo/assets/ort.wasm',
])('and not %s', (address) => expect(() => madeOf(address)).toThrow(/of its own build alone/));

test('where there are no Trusted Types, nothing is asked', () => {
  expect(() => takeOwnScriptsAlone({ location: { href } })).not.toThrow();
});
