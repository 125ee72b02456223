import type { TierName } from '../../core/layers';
import { parseServerMessage } from '../../core/protocol/messages';
import type { OpenSocket } from '../../core/protocol/socket';
import { type ClosableTier, wayToTiers } from '../../core/protocol/way-to-tiers';
import { openSocket } from '../web-socket';

export interface CountingClientOptions {
  readonly modelHash: string;
  readonly variant: string;
  /** Milliseconds without a connection after which requests fail; otherwise they wait until their deadlines. */
  readonly patienceMs?: number;
  readonly to?: TierName;
}

/** A client as pages have it, that counts the results which reach it. */
export class CountingClient {
  readonly tier: ClosableTier;
  /** By address and request. */
  readonly #results = new Map<string, number>();

  constructor(urls: readonly string[], { to = 'edge', ...options }: CountingClientOptions) {
    const now = () => performance.now();
    const openCounting = this.#openCounting;
    this.tier = wayToTiers(urls, { from: 'mobile', to, client: 'test', now, openSocket: openCounting, ...options });
  }

  /** Results of each request that has had any. */
  get results(): readonly number[] {
    return [...this.#results.values()];
  }

  readonly #openCounting: OpenSocket = (url) => {
    const socket = openSocket(url);
    const hear = ({ data }: { data: unknown }) => {
      const message = parseServerMessage(String(data));
      if (message.type !== 'result') return;
      const request = `${url} ${message.requestId}`;
      this.#results.set(request, (this.#results.get(request) ?? 0) + 1);
    };
    (socket as unknown as { addEventListener(type: 'message', hear: unknown): void }).addEventListener('message', hear);
    return socket;
  };
}
