import { TIER_PATH } from '../../core/protocol/socket';
import { readTierUrl } from '../../core/protocol/tier-address';

/** What may name the edge of a page. */
export interface EdgeNames {
  /** The page's own address, whose folder its server answers below. */
  readonly baseUrl: string;
  /** `?edge=` of that address. */
  readonly asked: string | null;
  /** The `dimee-edge` of the page's build. */
  readonly built: string | undefined;
}

export interface EdgeAddress {
  /** Undefined where the page has no edge. */
  readonly url: string | undefined;
  /** What the person should know of it. */
  readonly notice?: string;
}

/** Said in place of an address. The build writes nothing for it. */
const NONE = ['none', ''];
const THIS_DEVICE = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/** The edge that the page's address names, or else its build, or else the server that the page came from. */
export function edgeOfPage({ baseUrl, asked, built }: EdgeNames): EdgeAddress {
  const named = asked ?? built;
  if (named === undefined) return { url: edgeBeside(baseUrl) };
  if (NONE.includes(named)) return { url: undefined };
  const url = readTierUrl(named);
  const problem = problemOf(url, baseUrl);
  if (problem !== undefined) {
    const instead = edgeOfPage({ baseUrl, asked: null, built: asked === null ? undefined : built });
    const words =
      instead.url === undefined ? 'The page goes on without an edge.' : 'The page asks its own edge instead.';
    return { ...instead, notice: `${problem}; not “${named}”. ${words}` };
  }
  if (asked === null || url === edgeBeside(baseUrl)) return { url };
  return { url, notice: `As this page’s address says, its edge is ${url}: what leaves this device goes there.` };
}

/** Below the same prefix as the page. */
function edgeBeside(baseUrl: string): string {
  return new URL(`.${TIER_PATH}`, baseUrl.replace(/^http/, 'ws')).href;
}

/** Browsers keep pages that came over https from sockets in the clear, to other machines than their own. */
function problemOf(url: string | undefined, baseUrl: string): string | undefined {
  if (url === undefined) {
    return 'The edge of this page must be an address like wss://edge.example or ws://localhost:8787, or none';
  }
  const isClear = url.startsWith('ws:') && !THIS_DEVICE.test(new URL(url).hostname);
  return isClear && baseUrl.startsWith('https:')
    ? 'This page came over https, so its edge must be at wss://, or at ws:// on this device'
    : undefined;
}
