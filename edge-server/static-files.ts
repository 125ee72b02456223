import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import sirv from 'sirv';
import { type InlineHashes, inlineHashesOf, NOTHING_INLINE } from './inline-hashes';

const YEAR_S = 31_536_000;

/**
 * The page may load code and data from here alone, and compile WebAssembly; what stands in its HTML is named by its hash.
 * Sockets may go anywhere, since the edge may be another machine. What is a text makes no script: `default` is the policy of
 * `scripts/own-scripts.ts` and `worker/own-scripts.ts`, the other one is Svelte's, for the templates of its components.
 */
const policyFor = ({ scripts, styles }: InlineHashes, ancestors: string) => [
  "default-src 'none'",
  ["script-src 'self' 'wasm-unsafe-eval'", ...scripts].join(' '),
  "worker-src 'self' blob:",
  ["style-src 'self'", ...styles].join(' '),
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self' ws: wss:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  `frame-ancestors ${ancestors}`,
  "require-trusted-types-for 'script'",
  'trusted-types default svelte-trusted-html',
];

/** Isolation grants WebAssembly its threads. Pages of any origin may frame what is made to be embedded, and nothing else. */
export function securityHeaders(isEmbed = false, inline = NOTHING_INLINE): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': policyFor(inline, isEmbed ? '*' : "'self'").join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': isEmbed ? 'cross-origin' : 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
}

const NOT_BUILT = 'The page has not been built yet. Run “npm run build”, then reload.\n';
const NOT_FOUND = 'There is nothing at this address. The page is at /, or below the prefix of the proxy before it.\n';

/** A model that is not one of the page's own. */
export interface GuestModel {
  readonly id: string;
  /** Where its manifest and files lie. */
  readonly folder: string;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Serves a built page, its model files and their compressed siblings from a folder, which may be rebuilt meanwhile. A guest
 * model is served where the page looks for models, and the page is told to open it.
 */
export function staticFiles(folder: string, guest?: GuestModel): Answer {
  // `dev` reads the folder on each request. Without it sirv lists the files once, and a file that a new build has removed
  // takes the process down.
  const options = { dev: true, etag: true, brotli: true, gzip: true, setHeaders };
  const serve = sirv(folder, options);
  const inlineHashes = inlineHashesOf(join(folder, 'index.html'));
  const serveGuest = guest && sirv(guest.folder, options);
  return (request, response) => {
    const [path = '/', query] = (request.url ?? '/').split('?', 2);
    // Slashes that an address has too many of are none to whoever serves files.
    const isPage = /^\/+(index\.html)?$/.test(path);
    const isEmbed = isPage && new URLSearchParams(query).has('embed');
    const headers = securityHeaders(isEmbed, isPage ? inlineHashes() : NOTHING_INLINE);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return sendText(response, 405, 'Files can only be read.\n');
    }
    // sirv 3.0.2 throws on ranges like 5-2; answering a range with the whole file is always allowed.
    delete request.headers.range;
    response.once('pipe', (file: Readable) => closeTogether(file, response));
    const notFound = () => {
      if (existsSync(join(folder, 'index.html'))) sendText(response, 404, NOT_FOUND);
      else sendText(response, 503, NOT_BUILT);
    };
    const guestPath = guest && `/models/${guest.id}`;
    if (guestPath && serveGuest && path.startsWith(`${guestPath}/`)) {
      request.url = request.url?.slice(guestPath.length) ?? '/';
      serveGuest(request, response, notFound);
    } else if (guest && isPage) {
      void sendPageFor(guest, join(folder, 'index.html'), response).catch(notFound);
    } else {
      serve(request, response, notFound);
    }
  };
}

function setHeaders(response: ServerResponse, path: string): void {
  response.setHeader('Cache-Control', cacheControl(path, response.req.url ?? ''));
  if (/\.(onnx|bin)$/.test(path)) response.setHeader('Content-Type', 'application/octet-stream');
}

/** The page, told to open another model than its own, whose files it need not fetch ahead. A manifest's id needs no escaping. */
async function sendPageFor({ id }: GuestModel, path: string, response: ServerResponse): Promise<void> {
  const page = await readFile(path, 'utf8');
  response.writeHead(200, { 'Content-Type': 'text/html;charset=utf-8', 'Cache-Control': 'no-cache' });
  const withoutOwn = page.replaceAll(/<link rel="preload" as="fetch"[^>]*>/g, '');
  response.end(withoutOwn.replace('<head>', `<head>\n    <meta name="dimee-model" content="${id}" />`));
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain;charset=utf-8', 'Cache-Control': 'no-store' });
  response.end(text);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(value));
}

/** A name with a hash in it, or an address that asks for a file by its hash, never changes what it stands for. */
function cacheControl(path: string, url: string): string {
  const isByHash = path.startsWith('/assets/') || /[?&]sha=[0-9a-f]/.test(url);
  return isByHash ? `public,max-age=${YEAR_S},immutable` : 'no-cache';
}

/** sirv leaves a file open when the client goes away, and a file that cannot be read takes the process down. */
function closeTogether(file: Readable, response: ServerResponse): void {
  file.once('error', () => response.destroy());
  response.once('close', () => file.destroy());
}
