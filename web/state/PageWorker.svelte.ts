import type { OfflineAnswer, OfflineMessage } from '../../core/protocol/offline-messages';

/** What the page asks of its service worker. */
export interface OfflineWorker {
  /** Starts it, where it is not there yet, and waits until it answers. @throws Error where the browser has none. */
  start(): Promise<void>;
  /** Whether the page was here before with one, so that it answers without being fetched. */
  isThere(): Promise<boolean>;
  ask(message: OfflineMessage): Promise<OfflineAnswer>;
}

/** The script that stands first in the page: it names its version. */
function ownScript(): string {
  return document.querySelector<HTMLScriptElement>('script[type=module][src]')?.src ?? '';
}

/** The page's service worker (`worker/offline/service-worker.ts`): what it keeps, and whether a newer one waits. */
export class PageWorker implements OfflineWorker {
  #hasUpdate = $state(false);
  #waiting: ServiceWorker | undefined;

  /** A newer version of the page has come, and waits to be loaded. */
  get hasUpdate() {
    return this.#hasUpdate;
  }

  async start(): Promise<void> {
    const { Workbox } = await import('workbox-window');
    const workbox = new Workbox(address().href, { updateViaCache: 'none' });
    workbox.addEventListener('waiting', ({ sw }) => void this.#found(sw));
    if (!(await workbox.register({ immediate: true }))) throw new Error('This browser starts no service worker.');
    await navigator.serviceWorker.ready;
  }

  async isThere(): Promise<boolean> {
    return (await registered()) !== undefined;
  }

  async ask(message: OfflineMessage): Promise<OfflineAnswer> {
    const worker = (await registered())?.active;
    return worker ? askOf(worker, message) : false;
  }

  /** Takes the newer version: its service worker first, so that page and service worker are of one. */
  update(): void {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    this.#waiting?.postMessage({ type: 'SKIP_WAITING' });
  }

  /** A page that the server has just sent may be of the newer version already. */
  async #found(worker: ServiceWorker | undefined): Promise<void> {
    if (!worker || (await askOf(worker, { type: 'isOfVersion', scriptUrl: ownScript() }))) return;
    this.#waiting = worker;
    this.#hasUpdate = true;
  }
}

function address(): URL {
  return new URL('service-worker.js', document.baseURI);
}

async function registered(): Promise<ServiceWorkerRegistration | undefined> {
  // Absent on plain http from another machine, whatever the types say.
  const container = (navigator as Partial<Navigator>).serviceWorker;
  const registration = await container?.getRegistration(document.baseURI).catch(() => undefined);
  // Another deployment's may lie above this one.
  return registration?.active?.scriptURL === address().href ? registration : undefined;
}

function askOf(worker: ServiceWorker, message: OfflineMessage): Promise<OfflineAnswer> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data === true);
    worker.postMessage(message, [port2]);
  });
}
