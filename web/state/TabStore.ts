/** What outlives a reload of the tab: too large for `sessionStorage`, and no business of other tabs. */
export interface KeptStore {
  /** @throws what the browser throws that has no room or no store. */
  put(key: string, value: unknown): Promise<void>;
  /** What is kept under keys that begin so, in their order; nothing where the browser has no store. */
  all(prefix: string): Promise<readonly unknown[]>;
  clear(prefix: string): Promise<void>;
}

const [DATABASE, STORE] = ['dimee', 'kept'];
const TAB_KEY = 'dimee.tab';
/** Tabs whose contents may still be in the store, with the time of their last opening. */
const TABS_KEY = 'dimee.tabs';
/** A browser may bring back the tabs of its last session. */
const KEPT_MS = 7 * 24 * 3_600_000;
/** After every character that a key has. */
const END = '\uFFFF';

/** The tab's own part of a database in the browser. What other tabs left there and nobody opened for a week is deleted. */
export class TabStore implements KeptStore {
  readonly #tab = tabId();
  #opening: Promise<IDBDatabase> | undefined;

  async put(key: string, value: unknown): Promise<void> {
    const database = await this.#open();
    const transaction = database.transaction(STORE, 'readwrite');
    transaction.objectStore(STORE).put(value, this.#keyOf(key));
    await ended(transaction);
  }

  async all(prefix: string): Promise<readonly unknown[]> {
    const database = await this.#open();
    return resultOf(database.transaction(STORE).objectStore(STORE).getAll(this.#range(prefix)));
  }

  async clear(prefix: string): Promise<void> {
    const database = await this.#open();
    const transaction = database.transaction(STORE, 'readwrite');
    transaction.objectStore(STORE).delete(this.#range(prefix));
    await ended(transaction);
  }

  #keyOf(key: string): string {
    return `${this.#tab} ${key}`;
  }

  #range(prefix: string): IDBKeyRange {
    return IDBKeyRange.bound(this.#keyOf(prefix), this.#keyOf(prefix) + END);
  }

  #open(): Promise<IDBDatabase> {
    this.#opening ??= openDatabase().then((database) => {
      deleteOthers(database, forgottenTabs(this.#tab));
      return database;
    });
    return this.#opening;
  }
}

/** Stays the same for as long as the tab does. */
function tabId(): string {
  try {
    const found = sessionStorage.getItem(TAB_KEY) ?? crypto.getRandomValues(new Uint32Array(2)).join('-');
    sessionStorage.setItem(TAB_KEY, found);
    return found;
  } catch {
    return 'no tab';
  }
}

async function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return resultOf(request);
}

/** Notes that this tab is open, and names those that nobody opened for long. */
function forgottenTabs(tab: string): readonly string[] {
  try {
    const now = Date.now();
    const tabs = Object.entries(JSON.parse(localStorage.getItem(TABS_KEY) ?? '{}') as Record<string, number>);
    const isForgotten = ([id, openedAt]: [string, number]) => id !== tab && now - openedAt > KEPT_MS;
    const kept = Object.fromEntries([...tabs.filter((entry) => !isForgotten(entry)), [tab, now]]);
    localStorage.setItem(TABS_KEY, JSON.stringify(kept));
    return tabs.filter(isForgotten).map(([id]) => id);
  } catch {
    return [];
  }
}

function deleteOthers(database: IDBDatabase, tabs: readonly string[]): void {
  if (tabs.length === 0) return;
  const store = database.transaction(STORE, 'readwrite').objectStore(STORE);
  for (const tab of tabs) store.delete(IDBKeyRange.bound(`${tab} `, `${tab} ${END}`));
}

function resultOf<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The browser’s store failed.'));
  });
}

function ended(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () =>
      reject(transaction.error ?? new Error('The browser’s store failed.'));
  });
}
