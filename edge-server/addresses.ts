import { existsSync } from 'node:fs';
import { isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { TIER_PATH } from '../core/protocol/socket';
import type { Configuration } from './configuration';

/** What a server's surroundings say about who can reach it. */
export interface Surroundings {
  /** This machine's addresses on its networks. */
  readonly addresses: readonly string[];
  readonly isContainer: boolean;
}

const EVERYWHERE = ['0.0.0.0', '::'];
const CONTAINER_MARKS = ['/.dockerenv', '/run/.containerenv'];

/** Where people and tiers find the server, and who of them can: the lines printed once it listens. */
export function addressLines(
  {
    tier,
    host,
    basePath,
    tlsCert,
  }: Pick<Configuration, 'tier' | 'host' | 'basePath'> & Partial<Pick<Configuration, 'tlsCert'>>,
  port: number,
  surroundings: Surroundings = lookAround(),
): readonly string[] {
  const at = (name: string) => {
    const address = `${isIPv6(name) ? `[${name}]` : name}:${port}`;
    const secure = tlsCert === undefined ? '' : 's';
    return tier === 'edge'
      ? `http${secure}://${address}${basePath && `${basePath}/`}`
      : `ws${secure}://${address}${basePath}${TIER_PATH}`;
  };
  const isLocal = host === 'localhost' || host === '::1' || host.startsWith('127.');
  const isOpen = EVERYWHERE.includes(host);
  const title = `DIMEE Playground${tier === 'edge' ? '' : ', cloud tier'}: ${at(isLocal || isOpen ? 'localhost' : host)}`;
  return [title, reach({ host, isLocal, isOpen }, at, surroundings)];
}

function reach(
  { host, isLocal, isOpen }: { readonly host: string; readonly isLocal: boolean; readonly isOpen: boolean },
  at: (name: string) => string,
  { addresses, isContainer }: Surroundings,
): string {
  if (isLocal && isContainer) {
    return 'This is a container: nobody outside of it can connect, to a published port neither. --host 0.0.0.0 lets them in.';
  }
  if (isLocal) return 'Only this machine can connect; --host 0.0.0.0 lets others on its networks in.';
  if (!isOpen) return 'Whoever reaches that address can connect.';
  if (isContainer) return 'Whoever reaches this container’s published port can connect.';
  const heard = addresses.filter((address) => host === '::' || isIPv4(address));
  return ['Whoever reaches this machine can connect:', ...heard.map(at)].join(' ');
}

function lookAround(): Surroundings {
  const all = Object.values(networkInterfaces()).flatMap((networks) => networks ?? []);
  // Link-local addresses need to name the network, too.
  const addresses = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  return {
    addresses: addresses.map(({ address }) => address),
    isContainer: CONTAINER_MARKS.some((path) => existsSync(path)),
  };
}
