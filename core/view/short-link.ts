import * as v from 'valibot';

/*
 * A server may keep links under short names. It answers GET at LINKS_PATH with a `LinkShelf`, and POST of a `KeepRequest`
 * with a `KeptLink` or, refusing, with a `Refusal`. What it keeps never changes and opens at SHORT_PATH and the id.
 */

/** Both stand below the page's own address. */
export const LINKS_PATH = '/api/links';
export const SHORT_PATH = '/s/';

/** Of a request: the longest link that a server keeps, and a little around it. */
export const MAX_KEEP_BYTES = 100_000;

/** How long links stay: in memory until the server ends or others have taken their place, elsewhere for good. */
export const linkShelf = v.object({ keptIn: v.picklist(['files', 'memory', 'redis', 's3']) });
export type LinkShelf = v.InferOutput<typeof linkShelf>;

/** `hash` is what stands in the address of the page. */
export const keepRequest = v.object({ hash: v.string() });

export const keptLink = v.object({ id: v.pipe(v.string(), v.regex(/^[\w-]{12}$/)) });

export const refusal = v.object({ message: v.string() });
