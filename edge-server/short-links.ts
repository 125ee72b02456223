import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlockList } from 'node:net';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { parseBoundedJson } from '../core/bounded-json';
import { hasCode, messageOf } from '../core/errors';
import type { Log } from '../core/log';
import type { Manifest } from '../core/model/manifest';
import { CARD_SIZE } from '../core/view/card';
import { defaultFields, fieldTable } from '../core/view/fields';
import { escapeHtml } from '../core/view/html';
import { type LinkContent, readLink } from '../core/view/link';
import { keepRequest, LINKS_PATH, MAX_KEEP_BYTES, SHORT_PATH } from '../core/view/short-link';
import { titleOf } from '../core/view/title';
import { clientOf, holderOf } from './client-address';
import { type LinkStore, StoreFull } from './link-store';
import { originFor } from './names';
import type { Previews } from './previews';
import { RateLimit } from './rate-limit';
import { type Answer, securityHeaders, sendJson, sendText } from './static-files';

/** A person shares a few views in a row; a program would go on. */
const BURST = 20;
const REFILL_MS = 15_000;
/** Pictures drawn for an address; those drawn before count nowhere. */
const DRAWN_BURST = 30;
const DRAWN_REFILL_MS = 2000;
/** A link never changes, and its picture only with the model. */
const PICTURE_MAX_AGE_S = 86_400;

export interface ShortLinkParts {
  readonly manifest: Manifest;
  /** Below which the page lies. */
  readonly basePath: string;
  readonly store: LinkStore;
  /** Proxies that are believed where they say who asks. */
  readonly proxies: BlockList | undefined;
  readonly previews: Previews;
  readonly now: () => number;
  readonly log: Log;
}

/** A request that is refused: its HTTP status and a sentence. */
class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** What answers at `LINKS_PATH` and below `SHORT_PATH`; undefined for every other path. */
export function shortLinks({
  manifest,
  basePath,
  store,
  proxies,
  previews,
  now,
  log,
}: ShortLinkParts): (path: string) => Answer | undefined {
  const limit = new RateLimit(BURST, REFILL_MS, now);
  const drawLimit = new RateLimit(DRAWN_BURST, DRAWN_REFILL_MS, now);

  async function keep(request: IncomingMessage): Promise<{ id: string }> {
    if (request.headers['content-type'] !== 'application/json') {
      // Other types cross origins without being asked for: no other page may keep links here in a visitor's name.
      throw new Refused(415, 'A link to keep comes as application/json.');
    }
    // Whatever says no length is streamed, and no page streams a link.
    if (!(Number(request.headers['content-length']) <= MAX_KEEP_BYTES)) {
      const most = MAX_KEEP_BYTES.toLocaleString('en');
      throw new Refused(413, `This view is too large: a short link holds ${most} bytes. Share fewer sentences.`);
    }
    const waitMs = limit.waitMs(holderOf(clientOf(request, proxies)));
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000);
      const message = `Too many links were made from your address. Try again in ${seconds} seconds.`;
      throw new Refused(429, message, { 'Retry-After': `${seconds}` });
    }
    const asked = v.safeParse(keepRequest, parsed(await text(request)));
    if (!asked.success) throw new Refused(400, 'A link to keep comes as {"hash": "#v=1&…"}.');
    return { id: await store.keep(asked.output.hash) };
  }

  function refusalOf(error: unknown): Refused {
    if (error instanceof Refused) return error;
    if (hasCode(error, 'BAD_INPUT')) return new Refused(400, error.message);
    if (error instanceof StoreFull) {
      log('warn', 'a short link was not kept: the folder of links holds as much as --links-megabytes allows');
      return new Refused(507, 'This server’s store of links is full. Copy the link itself instead.');
    }
    log('error', `a short link was not kept: ${messageOf(error)}`);
    if (isDiskFull(error)) return new Refused(507, 'This server’s disk is full. Copy the link itself instead.');
    return new Refused(500, 'This server could not keep the link. Try again later.');
  }

  const answerLinks: Answer = (request, response) => {
    if (request.method === 'GET') return sendJson(response, 200, store.shelf);
    if (request.method !== 'POST') {
      response.setHeader('Allow', 'GET, POST');
      return sendJson(response, 405, { message: 'Links are kept by POST.' });
    }
    keep(request)
      .then((kept) => sendJson(response, 200, kept))
      .catch((error: unknown) => {
        const { status, message, headers } = refusalOf(error);
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
        sendJson(response, status, { message });
      });
  };

  async function contentOf(id: string): Promise<{ hash: string; content: LinkContent } | undefined> {
    const hash = /^[\w-]{1,64}$/.test(id) ? await store.find(id) : undefined;
    return hash === undefined ? undefined : { hash, content: await readLink(hash, manifest) };
  }

  async function sendLink(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const found = await contentOf(id);
    if (!found) return sendLost(response);
    const { hash, content } = found;
    const title = titleOf({ ...defaultFields(fieldTable(manifest)), ...content.fields }, manifest);
    const description = (await previews.wordsOf(id, content)) ?? DESCRIPTION;
    for (const [name, value] of Object.entries(securityHeaders())) response.setHeader(name, value);
    response.writeHead(200, { 'Content-Type': 'text/html;charset=utf-8', 'Cache-Control': 'no-cache' });
    // Previews want whole addresses.
    const address = `${originFor(request, proxies)}${basePath}${SHORT_PATH}${id}`;
    response.end(linkPage({ hash, title, description, address }));
  }

  async function sendPicture(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const found = await contentOf(id);
    if (!found) return sendLost(response);
    const mayDraw = previews.hasPicture(id) || drawLimit.waitMs(holderOf(clientOf(request, proxies))) === 0;
    const picture = mayDraw ? await previews.pictureOf(id, found.content) : undefined;
    // Any page may show it: that is what it is for.
    for (const [name, value] of Object.entries(securityHeaders(true))) response.setHeader(name, value);
    if (!picture) {
      response.writeHead(302, { Location: `../..${STATIC_PICTURE}`, 'Cache-Control': 'no-store' });
      response.end();
      return;
    }
    const headers = { 'Content-Type': 'image/png', 'Cache-Control': `public,max-age=${PICTURE_MAX_AGE_S}` };
    response.writeHead(200, { ...headers, 'Content-Length': picture.byteLength });
    response.end(request.method === 'HEAD' ? undefined : picture);
  }

  function sendLost(response: ServerResponse): void {
    const lost = store.shelf.keptIn === 'memory' ? ' It keeps them until it is started again.' : '';
    sendText(response, 404, `This server has no link of this name.${lost} The page is at /.\n`);
  }

  return (path) => {
    if (path === LINKS_PATH) return answerLinks;
    if (!path.startsWith(SHORT_PATH)) return undefined;
    const isPicture = path.endsWith(PICTURE);
    const id = path.slice(SHORT_PATH.length, isPicture ? -PICTURE.length : undefined);
    const send = isPicture ? sendPicture : sendLink;
    return (request, response) => {
      send(id, request, response).catch((error: unknown) => {
        log('error', `a short link was not read: ${messageOf(error)}`);
        sendText(response, 500, 'This server could not read the link. Try again later.\n');
      });
    };
  };
}

/** Stands in where nothing is drawn. */
const STATIC_PICTURE = '/preview.png';
/** Of a link, after its own address. */
const PICTURE = '/preview.png';
const DESCRIPTION =
  'Most sentences don’t need the whole network: watch them answered on the device, at the edge or in the cloud.';

interface LinkPage {
  readonly hash: string;
  readonly title: string;
  readonly description: string;
  /** Of this very page. */
  readonly address: string;
}

/**
 * A page that leads on to the view, for people, and names it, for whoever previews links. It is no redirect, since those who
 * preview would see the page without its hash, and proxies refuse headers as long as links may be.
 */
function linkPage({ hash, ...said }: LinkPage): string {
  const [view, title, description, address] = [`../${hash}`, said.title, said.description, said.address].map(
    escapeHtml,
  );
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>${title}</title>
    <meta http-equiv="refresh" content="0; url=${view}" />
    <meta name="description" content="${description}" />
    <meta property="og:type" content="website" />
    <meta property="og:url" content="${address}" />
    <meta property="og:title" content="${title}" />
    <meta property="og:description" content="${description}" />
    <meta property="og:image" content="${address}${PICTURE}" />
    <meta property="og:image:width" content="${CARD_SIZE.width}" />
    <meta property="og:image:height" content="${CARD_SIZE.height}" />
    <meta property="og:image:alt" content="${description}" />
    <meta name="twitter:card" content="summary_large_image" />
  </head>
  <body><p><a href="${view}">Open this view in DIMEE Playground</a></p></body>
</html>
`;
}

function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function parsed(json: string): unknown {
  try {
    return parseBoundedJson(json);
  } catch {
    return undefined;
  }
}
