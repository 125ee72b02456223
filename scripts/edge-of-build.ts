import type { Plugin } from 'vite';

const EXPECTED = 'DIMEE_EDGE_URL must be an address like wss://edge.example/v1/tier, or none';

/**
 * Writes into the page which edge it asks, for hosts that are none themselves: `DIMEE_EDGE_URL=wss://edge.example/v1/tier
 * npm run build`, or `none`. Without it the page asks the server that it came from.
 * @throws Error for what is no address, before anything is built.
 */
export function edgeOfBuild(edge: string | undefined): Plugin {
  if (edge && edge !== 'none' && !/^wss?:\/\/./i.test(edge)) throw new Error(`${EXPECTED}; not “${edge}”.`);
  const content = edge === 'none' ? '' : edge;
  return {
    name: 'edge-of-build',
    apply: 'build',
    transformIndexHtml: () => (edge ? [{ tag: 'meta', attrs: { name: 'dimee-edge', content }, injectTo: 'head' }] : []),
  };
}
