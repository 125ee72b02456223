import type { Tier } from '../ladder/tier';
import { HedgedTier } from './hedged-tier';
import { type LinkStatus, USUAL_PATIENCE_MS } from './link';
import { RemoteTier, type RemoteTierOptions } from './remote-tier';

/** A tier elsewhere, whose connections end with `close`. */
export interface ClosableTier extends Tier {
  close(): void;
}

/** Where a tier is, and what it may want to be shown (HS8). */
export interface TierAddress {
  readonly url: string;
  readonly token?: string | undefined;
}

/** How the ways to a tier stand. */
export interface WaysStatus {
  /** Of the best of them. */
  readonly status: LinkStatus;
  /** How many stand, of how many. */
  readonly open: number;
  readonly of: number;
  /** Addresses that want a token other than what they were shown. */
  readonly wantToken: readonly string[];
}

const CONNECTING: LinkStatus = { state: 'connecting' };

export interface WaysOptions extends Omit<RemoteTierOptions, 'url' | 'token' | 'onStatus' | 'reportMs'> {
  readonly onStatus?: (status: WaysStatus) => void;
}

/**
 * The way to a tier at one address, or at any of several, where the fastest is asked and another takes over from one that is
 * late or gone.
 * @param addresses at least one.
 */
export function wayToTiers(addresses: readonly TierAddress[], options: WaysOptions): ClosableTier {
  const statuses: LinkStatus[] = addresses.map(() => CONNECTING);
  const optionsOf = ({ url, token }: TierAddress, index: number): RemoteTierOptions => ({
    ...{ ...options, url, token },
    onStatus: (status) => {
      statuses[index] = status;
      options.onStatus?.(statusOf(statuses, addresses));
    },
  });
  const [first, ...others] = addresses;
  if (first && others.length === 0) return new RemoteTier(optionsOf(first, 0));
  // What one cannot take at once is for another; it is said to be away no sooner than one alone would be.
  const { patienceMs, now } = options;
  const waiting = { patienceMs: 0, reportMs: patienceMs ?? USUAL_PATIENCE_MS };
  const ways = addresses.map((address, index) => new RemoteTier({ ...optionsOf(address, index), ...waiting }));
  const tier = new HedgedTier({ ways, now, patienceMs });
  return {
    infer: (request, signal) => tier.infer(request, signal),
    close: () => ways.forEach((way) => way.close()),
  };
}

function statusOf(statuses: readonly LinkStatus[], addresses: readonly TierAddress[]): WaysStatus {
  const inState = (state: LinkStatus['state']) => statuses.filter((status) => status.state === state);
  const open = inState('open');
  const [status = CONNECTING] = [...open, ...inState('connecting'), ...statuses];
  const wantToken = addresses.filter((_, index) => wantsToken(statuses[index])).map(({ url }) => url);
  return { status, open: open.length, of: statuses.length, wantToken };
}

function wantsToken(status: LinkStatus | undefined): boolean {
  return status?.state === 'down' && status.wantsToken === true;
}
