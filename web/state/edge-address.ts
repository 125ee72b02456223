import { TIER_PATH } from '../../core/protocol/socket';
import { readTierUrl } from '../../core/protocol/tier-address';

/** What may name the edges of a page. */
export interface EdgeNames {
  /** The page's own address, whose folder its server answers below. */
  readonly baseUrl: string;
  /** Each `?edge=` of that address. */
  readonly asked: readonly string[];
  /** The `dimee-edge` of the page's build. */
  readonly built: string | undefined;
}

export interface EdgeAddresses {
  /** Any of them will do; the page has no edge where there is none. */
  readonly urls: readonly string[];
  /** What the person should know of them. */
  readonly notice?: string;
}

/** Said in place of an address. The build writes nothing for it. */
const NONE = ['none', ''];
const THIS_DEVICE = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/** The edges that the page's address names, or else its build, or else the server that the page came from. */
export function edgesOfPage({ baseUrl, asked, built }: EdgeNames): EdgeAddresses {
  const named = asked.length > 0 ? asked : [built].filter((name) => name !== undefined);
  if (named.length === 0) return { urls: [edgeBeside(baseUrl)] };
  const read = named.filter((name) => !NONE.includes(name)).map((name) => readEdge(name, baseUrl));
  const urls = [...new Set(read.flatMap(({ url }) => url ?? []))];
  const problem = read.find((one) => one.problem !== undefined)?.problem;
  if (problem !== undefined && urls.length === 0) {
    const instead = edgesOfPage({ baseUrl, asked: [], built: asked.length > 0 ? built : undefined });
    const words =
      instead.urls.length === 0 ? 'The page goes on without an edge.' : 'The page asks its own edge instead.';
    return { ...instead, notice: `${problem} ${words}` };
  }
  const notice = [problem, newsOf(urls, { asked, baseUrl })].filter((words) => words !== undefined).join(' ');
  return { urls, ...(notice && { notice }) };
}

/** The page's address with other edges in it: each in a line as people write them, none for the page's own. */
export function addressWithEdges(address: string, lines: string): string {
  const { search, ...url } = splitAt(address);
  const others = search.filter(([key]) => key !== 'edge');
  const edges = lines.split(/\s+/).filter((line) => line !== '');
  const query = [...others.map(written), ...edges.map((edge) => written(['edge', edge]))].join('&');
  return `${url.before}${query && `?${query}`}${url.hash}`;
}

function splitAt(address: string) {
  const { origin, pathname, searchParams, hash } = new URL(address);
  return { before: `${origin}${pathname}`, search: [...searchParams], hash };
}

/** `?debug` stays as it is. */
function written([key, value]: readonly [string, string]): string {
  return value === '' ? key : `${key}=${encodeURIComponent(value)}`;
}

/** Where what leaves this device goes, if that is not back to where the page came from. */
function newsOf(urls: readonly string[], { asked, baseUrl }: Pick<EdgeNames, 'asked' | 'baseUrl'>): string | undefined {
  if (asked.length === 0 || urls.every((url) => url === edgeBeside(baseUrl))) return undefined;
  const whose = urls.length === 1 ? `its edge is ${urls[0]}` : `its edges are ${urls.join(' and ')}`;
  return `As this page’s address says, ${whose}: what leaves this device goes there.`;
}

/** Below the same prefix as the page. */
function edgeBeside(baseUrl: string): string {
  return new URL(`.${TIER_PATH}`, baseUrl.replace(/^http/, 'ws')).href;
}

function readEdge(name: string, baseUrl: string): { readonly url?: string; readonly problem?: string } {
  const url = readTierUrl(name);
  const problem = problemOf(url, baseUrl);
  if (problem !== undefined) return { problem: `${problem}; not “${name}”.` };
  return url === undefined ? {} : { url };
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
