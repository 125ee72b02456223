import type { Plugin } from 'vite';
import { SAY_INSTEAD } from './say-instead.ts';

/** The oldest browsers that the page promises to run in. The build writes no newer syntax, and the page's first script says so to others. */
export const OLDEST_BROWSERS = { chrome: '111', firefox: '115', safari: '16.4' } as const;

export const BUILD_TARGETS = Object.entries(OLDEST_BROWSERS).map(([name, version]) => `${name}${version}`);

const { chrome, firefox, safari } = OLDEST_BROWSERS;
const SENTENCE =
  `DIMEE Playground runs in Chrome and Edge ${chrome}, Firefox ${firefox}, Safari ${safari}, and newer ones. ` +
  'This browser is older, or lacks what they have: please update it, or open the page in another one.';

/**
 * A script that every browser can read. It asks for the newest that each of those browsers has: `color-mix()` came with
 * Chrome 111, `toSorted` with Firefox 115, `deflate-raw` with Safari 16.4.
 */
export const OLDEST_BROWSERS_SCRIPT = `(function () {
  ${SAY_INSTEAD}
  try {
    new CompressionStream('deflate-raw');
    if (CSS.supports('color', 'color-mix(in srgb, red, blue)') && [].toSorted) return;
  } catch (error) {}
  document.documentElement.setAttribute('data-too-old', '');
  sayInstead('This browser is too old', ${JSON.stringify(SENTENCE)});
})();
`;

/** Puts the script in front of all others. */
export function oldestBrowsers(): Plugin {
  return {
    name: 'oldest-browsers',
    apply: 'build',
    transformIndexHtml: () => [{ tag: 'script', children: OLDEST_BROWSERS_SCRIPT, injectTo: 'head-prepend' }],
  };
}
