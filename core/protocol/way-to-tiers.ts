import type { Tier } from '../ladder/tier';
import { HedgedTier } from './hedged-tier';
import type { LinkStatus } from './link';
import { RemoteTier, type RemoteTierOptions } from './remote-tier';

/** A tier elsewhere, whose connections end with `close`. */
export interface ClosableTier extends Tier {
  close(): void;
}

/**
 * The way to a tier at one address, or at any of several, where the fastest is asked and another takes over from one that is
 * late or gone.
 * @param urls at least one.
 */
export function wayToTiers(urls: readonly string[], options: Omit<RemoteTierOptions, 'url'>): ClosableTier {
  const [url = '', ...others] = urls;
  if (others.length === 0) return new RemoteTier({ ...options, url });
  const statuses: LinkStatus[] = urls.map(() => ({ state: 'connecting' }));
  const ways = urls.map((way, index) => {
    const onStatus = (status: LinkStatus) => {
      statuses[index] = status;
      options.onStatus?.(bestOf(statuses));
    };
    // What one cannot take at once is for another.
    return new RemoteTier({ ...options, url: way, patienceMs: 0, onStatus });
  });
  const tier = new HedgedTier({ ways, now: options.now, patienceMs: options.patienceMs });
  return {
    infer: (request, signal) => tier.infer(request, signal),
    close: () => ways.forEach((way) => way.close()),
  };
}

/** Of several ways, how the best one stands. */
function bestOf(statuses: readonly LinkStatus[]): LinkStatus {
  const inState = (state: LinkStatus['state']) => statuses.find((status) => status.state === state);
  return inState('open') ?? inState('connecting') ?? statuses[0] ?? { state: 'connecting' };
}
