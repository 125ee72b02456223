import type { IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import { DimeeError } from '../core/errors';
import { clientOf, holderOf } from './client-address';
import { RateLimit } from './rate-limit';
import type { Secret } from './secret';
import { type Answer, sendJson } from './static-files';

/** Wrong tokens of one address: so many at once, then one a while. */
const WRONG_AT_ONCE = 10;
const REFILL_MS = 6000;

const HOW = 'which programs take from --token-file FILE or DIMEE_TOKEN, and pages ask for';

/** Lets in who shows the token, where there is one; everybody otherwise. */
export class Guard {
  readonly #wrong: RateLimit;

  constructor(
    private readonly token: Secret | undefined,
    now: () => number,
  ) {
    this.#wrong = new RateLimit(WRONG_AT_ONCE, REFILL_MS, now);
  }

  /**
   * Why who shows this is not let in (HS8); undefined where they are. Who has shown wrong ones too often is not told for a while
   * whether the next one is right.
   * @param holder whom wrong ones are counted for, such as an address.
   */
  refusalOf(shown: string | undefined, holder: string): DimeeError | undefined {
    if (!this.token) return undefined;
    if (shown === undefined) return new DimeeError('UNAUTHORIZED', `This server wants a token, ${HOW}.`);
    const retryAfterMs = this.#wrong.waitMs(holder, 'look');
    if (retryAfterMs > 0) {
      const message = `Too many wrong tokens came from your address. Try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
      return new DimeeError('UNAUTHORIZED', message, { retryable: true, retryAfterMs });
    }
    if (this.token.matches(shown)) return undefined;
    this.#wrong.waitMs(holder);
    return new DimeeError('UNAUTHORIZED', `That is not this server’s token, ${HOW}.`);
  }

  /** The same over HTTP, by `Authorization: Bearer` (RFC 6750). */
  before(answer: Answer, proxies: BlockList | undefined): Answer {
    return (request, response) => {
      const refusal = this.refusalOf(bearerIn(request), holderOf(clientOf(request, proxies)));
      if (!refusal) return answer(request, response);
      const { message, retryAfterMs } = refusal;
      if (retryAfterMs === undefined) response.setHeader('WWW-Authenticate', 'Bearer');
      else response.setHeader('Retry-After', Math.ceil(retryAfterMs / 1000));
      sendJson(response, retryAfterMs === undefined ? 401 : 429, { message });
    };
  }
}

function bearerIn({ headers: { authorization = '' } }: IncomingMessage): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1];
}
