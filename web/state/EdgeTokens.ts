import type { PageMessage, WorkerMessage } from '../../core/protocol/page-messages';

/** Before the origin that a token is for. */
const PREFIX = 'dimee-token ';

/**
 * The tokens that servers want, by their origin: a link that names another edge gets none of them. They are kept in this tab's
 * session alone, and stand in no link, export or other store.
 */
export class EdgeTokens {
  readonly #here = new Map<string, string>();

  constructor(private readonly store: Pick<Storage, 'getItem' | 'setItem'> | undefined) {}

  /** @param url of a tier, or of anything else at its server. */
  of(url: string): string | undefined {
    const key = keyOf(url);
    return this.#here.get(key) ?? this.store?.getItem(key) ?? undefined;
  }

  keep(url: string, token: string): void {
    this.#here.set(keyOf(url), token);
    try {
      this.store?.setItem(keyOf(url), token);
    } catch {
      // Where the browser keeps nothing it lasts until the page is left.
    }
  }
}

/** As it may be shown to whoever looks over a person's shoulder. */
export function withoutTokens(message: PageMessage | WorkerMessage): PageMessage | WorkerMessage {
  if (message.type !== 'load') return message;
  const edges = message.edges.map(({ url, token }) => (token === undefined ? { url } : { url, token: '…' }));
  return { ...message, edges };
}

function keyOf(url: string): string {
  return PREFIX + new URL(url.replace(/^ws/, 'http')).origin;
}
