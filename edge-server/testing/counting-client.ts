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

/** Of a socket's `readyState`. */
const OPEN = 1;

/** Requests that are remembered, so that one which is answered again is known. */
const REMEMBERED = 10_000;

/** A client as pages have it, that counts the results which reach it. */
export class CountingClient {
  readonly tier: ClosableTier;
  /** Requests that have had a result. */
  answered = 0;
  /** Results of requests that had one. */
  doubled = 0;
  /** By address and number, the newest last. */
  readonly #known = new Set<string>();

  constructor(urls: readonly string[], { to = 'edge', ...options }: CountingClientOptions) {
    const now = () => performance.now();
    const openCounting = this.#openCounting;
    const addresses = urls.map((url) => ({ url }));
    this.tier = wayToTiers(addresses, {
      from: 'mobile',
      to,
      client: 'test',
      now,
      openSocket: openCounting,
      ...options,
    });
  }

  readonly #openCounting: OpenSocket = (url) => {
    const socket = openSocket(url) as ReturnType<OpenSocket> & EventTarget & { readonly readyState: number };
    const hear = ({ data }: { data?: unknown }) => {
      const message = parseServerMessage(String(data));
      // From a connection that the client has given up it takes no more answers.
      if (message.type === 'result' && socket.readyState === OPEN) this.#count(`${url} ${message.requestId}`);
    };
    socket.addEventListener('message', hear as (event: Event) => void);
    return socket;
  };

  #count(request: string): void {
    if (this.#known.has(request)) this.doubled++;
    else this.answered++;
    this.#known.add(request);
    const [oldest] = this.#known;
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
  }
}
