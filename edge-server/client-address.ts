import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { Expected } from './command-line';

/** Addresses of proxies, one by one or as networks: `127.0.0.1,10.0.0.0/8`. @throws Expected for what is none. */
export function readProxies(text: string): BlockList {
  const proxies = new BlockList();
  for (const entry of text.split(',').map((part) => part.trim())) {
    const [address = '', bits] = entry.split('/', 2);
    const family = FAMILIES[isIP(address)];
    const length = Number(bits ?? (family === 'ipv4' ? 32 : 128));
    if (!family || !/^\d*$/.test(bits ?? '') || length > (family === 'ipv4' ? 32 : 128)) {
      throw new Expected('addresses or networks like 127.0.0.1,10.0.0.0/8');
    }
    proxies.addSubnet(address, length, family);
  }
  return proxies;
}

const FAMILIES: Readonly<Record<number, 'ipv4' | 'ipv6'>> = { 4: 'ipv4', 6: 'ipv6' };

/** Who asks: the nearest address on the way here that is no proxy of ours. What a stranger says of itself is not believed. */
export function clientOf({ socket, headers }: Asking, proxies: BlockList | undefined): string {
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',');
  const way = [...forwarded.split(',').map((part) => part.trim()), peerOf({ socket })];
  let index = way.length - 1;
  while (index > 0 && isProxy(way[index] ?? '', proxies) && isIP(way[index - 1] ?? '') > 0) index--;
  return way[index] ?? '';
}

/** Whom a limit counts as one: an address, or all of IPv6’s that share 64 bits, since any host there has them all. */
export function holderOf(client: string): string {
  if (isIP(client) !== 6) return client;
  const [front = '', back] = client.split('%', 1).join('').split('::', 2);
  const groups = [front, back ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const [before = [], after = []] = groups;
  // An IPv4 address at the end stands for two groups.
  const length = before.length + after.length + (client.includes('.') ? 1 : 0);
  const zeros = new Array<string>(back === undefined ? 0 : 8 - length).fill('0');
  const network = [...before, ...zeros, ...after].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}

/** This machine, and networks that no stranger's address is in (RFC 1918, 4193, 3927). */
const NEAR = readProxies('127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,fc00::/7,fe80::/10');

/** Whether a holder is on this machine or on a network of one's own. */
export function isNear(holder: string): boolean {
  // A network of IPv6 with this one in it would have all of IPv4 in it, too.
  return holder === holderOf('::1') || isProxy(holder.replace(/\/64$/, ''), NEAR);
}

/** The other end of the connection, which may be a proxy. */
export function peerOf({ socket }: Pick<Asking, 'socket'>): string {
  return plain(socket.remoteAddress ?? '');
}

/** Of a request, what says who asks. */
type Asking = Pick<IncomingMessage, 'headers'> & { readonly socket: Pick<IncomingMessage['socket'], 'remoteAddress'> };

export function isProxy(address: string, proxies: BlockList | undefined): boolean {
  return proxies?.check(address, FAMILIES[isIP(address)] ?? 'ipv4') ?? false;
}

/** IPv4 as it is written without IPv6 around it. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}
