import { clientsClaim } from 'workbox-core';
import {
  addPlugins,
  cleanupOutdatedCaches,
  matchPrecache,
  type PrecacheEntry,
  precacheAndRoute,
} from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';
import { NetworkFirst } from 'workbox-strategies';
import type { OfflineAnswer, OfflineMessage } from '../../core/protocol/offline-messages';
import type { Backend } from '../../core/protocol/page-messages';
import { isolated } from './isolated';
import { PageAddresses } from './page-addresses';

/* The page without a network: its own files, the runtime and the manifest. Files of the model are the page's and the mobile tier's to keep. */

declare const self: ServiceWorkerGlobalScope;

const NETWORK_S = 3;
const { scope } = self.registration;
const addresses = new PageAddresses(scope);
/** Workbox puts the scope into the names of its own caches; so do these, for other deployments on this origin. */
const CACHES = { runtimes: `dimee-runtimes-${scope}`, manifests: `dimee-manifests-${scope}` };

/** What the build has written, listed by Workbox. */
const built = self.__WB_MANIFEST as PrecacheEntry[];
/** Of the runtimes, 14 and 27 MB, only the one that is used is kept. */
const runtimes = built.map(({ url }) => new URL(url, scope).href).filter((url) => url.endsWith('.wasm'));
const shell = built.filter(({ url }) => !url.endsWith('.wasm'));
const shellUrls = new Set(shell.map(({ url }) => new URL(url, scope).href));

const runtimeOf = (backend: Backend) => runtimes.filter((url) => url.includes('.asyncify-') === (backend === 'webgpu'));
const manifests = new NetworkFirst({ cacheName: CACHES.manifests, networkTimeoutSeconds: NETWORK_S });

clientsClaim();
cleanupOutdatedCaches();
addPlugins([
  { cachedResponseWillBeUsed: ({ cachedResponse }) => Promise.resolve(cachedResponse && isolated(cachedResponse)) },
]);
registerRoute(
  ({ request, url }) => request.mode === 'navigate' && addresses.isPage(url),
  ({ request }) => openPage(request),
);
registerRoute(
  ({ request, url }) => request.destination === 'worker' && addresses.isOurs(url),
  ({ request }) => openWorker(request),
);
registerRoute(
  ({ url }) => runtimes.includes(url.href),
  ({ request }) => fetch(request).catch(() => keptRuntime(request)),
);
registerRoute(({ url }) => addresses.isManifest(url), manifests);
precacheAndRoute([...shell], { directoryIndex: '', cleanURLs: false, ignoreURLParametersMatching: [] });

/** The server's page wherever it answers in time, so that nobody is kept from what is new. */
async function openPage(request: Request): Promise<Response> {
  const fetched = await inTime(fetch(request)).catch(() => undefined);
  const isServed = fetched !== undefined && fetched.status < 500;
  const page = isServed ? fetched : ((await matchPrecache('index.html')) ?? fetched);
  return page ? isolated(page) : Response.error();
}

/** In an isolated page, workers must be isolated, too. */
async function openWorker(request: Request): Promise<Response> {
  return isolated((await matchPrecache(request.url)) ?? (await fetch(request)));
}

function inTime(answer: Promise<Response>): Promise<Response> {
  const late = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error('No answer in time.')), NETWORK_S * 1000),
  );
  return Promise.race([answer, late]);
}

async function keptRuntime(request: Request): Promise<Response> {
  const cache = await caches.open(CACHES.runtimes);
  return (await cache.match(request)) ?? Response.error();
}

/** Those of earlier versions go. */
async function keepRuntime(backend: Backend): Promise<void> {
  const cache = await caches.open(CACHES.runtimes);
  for (const { url } of await cache.keys()) if (!runtimes.includes(url)) await cache.delete(url);
  for (const url of runtimeOf(backend)) if (!(await cache.match(url))) await cache.add(url);
}

async function keep(backend: Backend, manifestUrl: string): Promise<void> {
  await keepRuntime(backend);
  const cache = await caches.open(CACHES.manifests);
  if (!(await cache.match(manifestUrl))) await cache.add(manifestUrl);
}

async function isKept(backend: Backend, manifestUrl: string): Promise<boolean> {
  const found = await Promise.all([
    ...runtimeOf(backend).map((url) => caches.match(url, { cacheName: CACHES.runtimes })),
    caches.match(manifestUrl, { cacheName: CACHES.manifests }),
  ]);
  return found.every((response) => response !== undefined);
}

async function answer(message: OfflineMessage): Promise<OfflineAnswer> {
  switch (message.type) {
    case 'keep':
      await keep(message.backend, message.manifestUrl);
      return isKept(message.backend, message.manifestUrl);
    case 'isKept':
      return isKept(message.backend, message.manifestUrl);
    case 'isOfVersion':
      return shellUrls.has(message.scriptUrl);
  }
}

self.addEventListener('message', (event) => {
  const message = event.data as OfflineMessage | { readonly type: 'SKIP_WAITING' };
  if (message.type === 'SKIP_WAITING') return void self.skipWaiting();
  const [port] = event.ports;
  event.waitUntil(
    answer(message).then(
      (so) => port?.postMessage(so),
      () => port?.postMessage(false),
    ),
  );
});
