import type { IncomingMessage } from 'node:http';
import { type BlockList, isIP } from 'node:net';
import { Expected } from './command-line';
import { isProxy, peerOf } from './client-address';

/** Under which names the server is asked, and by pages of which origins. */
export interface NameRules {
  /** What it listens at. */
  readonly host: string;
  /** As `readHosts` and `readOrigins` have read them. */
  readonly allowHost: readonly string[] | undefined;
  readonly allowOrigin: readonly string[] | undefined;
  readonly trustedProxies: BlockList | undefined;
}

const ANY = '*';

/** What whoever asks under another name is told. */
export const NOT_OURS =
  'This server is not asked under that name. Use its address, or start it with --allow-host NAME, or with --trusted-proxies for the proxy before it.';

/** Names of hosts, `*.` before one for all below it, `*` for any. @throws Expected for what is none. */
export function readHosts(text: string): readonly string[] {
  return readList(text, /^(\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*)$/, 'names like edge.example,*.lab.example, or *');
}

/** Origins of pages, `*` for any. @throws Expected for what is none. */
export function readOrigins(text: string): readonly string[] {
  const origin = /^(\*|null|[a-z][a-z0-9+.-]*:\/\/[^/?#]+)$/;
  return readList(text, origin, 'origins like https://page.example,http://localhost:8000, or *');
}

function readList(text: string, entry: RegExp, expected: string): readonly string[] {
  const entries = text.split(',').map((part) => part.trim().toLowerCase().replace(/\/$/, ''));
  if (entries.every((one) => entry.test(one))) return entries;
  throw new Expected(expected);
}

/**
 * Whether the server is asked under a name of its own: an address, a name that nobody can buy, the one it listens at, or one
 * that it is told. A stranger's name may be made to lead here (DNS rebinding), and the stranger's page would be of our origin
 * then. What comes by a trusted proxy has been asked for under the proxy's name.
 */
export function isAskedByOwnName(
  request: IncomingMessage,
  { host, allowHost = [], trustedProxies }: NameRules,
): boolean {
  const asked = request.headers.host;
  if (asked === undefined || isProxy(peerOf(request), trustedProxies)) return true;
  const name = hostOf(asked)?.name;
  if (name === undefined) return false;
  const isLocal = !name.includes('.') || /\.(localhost|local)$/.test(name);
  return isIP(name) > 0 || isLocal || name === host.toLowerCase() || allowHost.some((allowed) => covers(allowed, name));
}

/** Whether this origin's pages may open a socket: those that came from here, and those that are named. No page: no origin. */
export function isAllowedOrigin(request: IncomingMessage, { allowOrigin = [], trustedProxies }: NameRules): boolean {
  const { origin, host, 'x-forwarded-host': forwarded } = request.headers;
  if (origin === undefined || allowOrigin.includes(ANY) || allowOrigin.includes(origin.toLowerCase())) return true;
  const page = /^https?:\/\/(.*)$/i.exec(origin)?.[1];
  const own = isProxy(peerOf(request), trustedProxies) ? (forwarded ?? host) : host;
  const [from, here] = [hostOf(page), hostOf(own?.toString())];
  // A proxy may pass on the name without its port.
  return from !== undefined && from.name === here?.name && (here.port === undefined || from.port === here.port);
}

/** How this server's addresses begin for who asks: over TLS, or through a trusted proxy, as that says. */
export function originFor({ headers, socket }: IncomingMessage, proxies: BlockList | undefined): string {
  const { host = 'localhost', 'x-forwarded-host': proxyHost, 'x-forwarded-proto': proxyScheme } = headers;
  if (!isProxy(peerOf({ socket }), proxies)) return `${'encrypted' in socket ? 'https' : 'http'}://${host}`;
  return `${proxyScheme === 'https' ? 'https' : 'http'}://${proxyHost?.toString() ?? host}`;
}

function covers(allowed: string, name: string): boolean {
  return allowed === ANY || allowed === name || (allowed.startsWith('*.') && name.endsWith(allowed.slice(1)));
}

/** Name and port of what stands in a `Host` header; an IPv6 address without its brackets. */
function hostOf(text = ''): { readonly name: string; readonly port: string | undefined } | undefined {
  const [, name, port] = /^(\[[0-9a-f:.]+\]|[^:/?#@[\]]+?)\.?(?::(\d+))?$/i.exec(text) ?? [];
  return name === undefined ? undefined : { name: name.replace(/^\[|\]$/g, '').toLowerCase(), port };
}
