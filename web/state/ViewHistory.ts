import { untrack } from 'svelte';
import type { PanelName, ViewName } from '../../core/view/fields';
import type { Notices } from './Notices.svelte';
import type { SavedView, Settings } from './Settings.svelte';

/** Entries of the history whose views are kept. */
const KEPT = 20;
const PREFIX = 'dimee.view.';
/** How long settings rest before they are kept: a slider passes many values on its way, and Safari takes 100 addresses in 30 s. */
const REST_MS = 350;
/** Characters of an address that holds the person's own sentences; longer ones are left to Share. */
const MOST_IN_ADDRESS = 2000;

/** Where one is in the page. */
export interface Place {
  readonly view: ViewName;
  readonly panel: PanelName;
}

/** What an entry of the history says. Entries that differ in the place alone share all that is set. */
interface EntryState extends Place {
  readonly key: string;
}

/**
 * Keeps what people have set and written with the tab's history, so that a reload, Back and Forward bring it again. A link
 * from elsewhere begins anew, and Back from it leads to what was before. It stays in the tab and never reaches a server.
 */
export class ViewHistory {
  /** Of the entry that is open. */
  #key = '';
  #place: Place | undefined;
  #opening = 0;
  #latest: SavedView | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The browser would not keep the latest: it has no room, or no storage. */
  #isLost = false;

  constructor(
    private readonly settings: Pick<Settings, 'fields' | 'isOwnText' | 'link' | 'sentResults' | 'set'>,
    private readonly notices: Pick<Notices, 'add'>,
    private readonly open: (view: string | SavedView) => Promise<void>,
    /** Is told of what has rested. */
    private readonly rested: (view: SavedView) => void,
  ) {}

  /** Opens the entry that is current, and every one that becomes it, until the function that it returns is called. */
  follow(): () => void {
    const listening = new AbortController();
    const onEntry = () => untrack(() => void this.#enter());
    const options = { signal: listening.signal };
    onEntry();
    addEventListener('popstate', onEntry, options);
    addEventListener('hashchange', onEntry, options);
    addEventListener('pagehide', () => this.#write(), options);
    addEventListener('beforeunload', (event) => this.#askBeforeLoss(event), options);
    return () => {
      listening.abort();
      clearTimeout(this.#timer);
    };
  }

  /** Another place in the page is another entry; `hash` is its address. */
  placeIs({ view, panel }: Place, hash: string): void {
    const before = this.#place;
    this.#place = { view, panel };
    if (!before || this.#opening > 0 || (before.view === view && before.panel === panel)) return;
    history.pushState({ key: this.#key, view, panel } satisfies EntryState, '', hash);
  }

  keep(view: SavedView): void {
    this.#latest = view;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#write();
      void this.#showInAddress(view);
    }, REST_MS);
  }

  /** The address follows what is set, and what is written as far as it goes into one. */
  async #showInAddress(view: SavedView): Promise<void> {
    if (this.#opening > 0) return;
    this.rested(view);
    const { isOwnText, sentResults } = this.settings;
    const link = isOwnText || sentResults ? await this.settings.link(sentResults).catch(() => undefined) : undefined;
    if (this.#latest !== view || this.#opening > 0) return;
    const hash = link !== undefined && link.length <= MOST_IN_ADDRESS ? link : view.hash;
    if (hash !== location.hash) history.replaceState(history.state, '', hash);
  }

  async #enter(): Promise<void> {
    const entry = entryOf(history.state);
    if (!entry) return this.#enterNew();
    if (entry.key !== this.#key) {
      this.#write();
      this.#key = entry.key;
      await this.#take(savedAt(entry.key) ?? location.hash);
    }
    const { view, panel } = entry;
    this.#place = { view, panel };
    this.settings.set({ view, panel });
  }

  async #enterNew(): Promise<void> {
    this.#write();
    const before = this.#key === '' ? savedBeforeReload() : undefined;
    this.#key = newKey();
    const { isOwnText, fields } = this.settings;
    const { text } = fields;
    await this.#take(before ?? location.hash);
    const { view, panel } = fields;
    history.replaceState({ key: this.#key, view, panel } satisfies EntryState, '');
    if (isOwnText && fields.text !== text) {
      this.notices.add('The link brought other sentences. Back brings yours again.');
    }
  }

  async #take(view: string | SavedView): Promise<void> {
    this.#opening++;
    await this.open(view);
    this.#opening--;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#latest || this.#opening > 0) return;
    try {
      sessionStorage.setItem(PREFIX + this.#key, JSON.stringify(this.#latest));
      this.#isLost = false;
      for (const key of keptKeys().slice(0, -KEPT)) sessionStorage.removeItem(key);
    } catch {
      this.#isLost = true;
    }
  }

  #askBeforeLoss(event: BeforeUnloadEvent): void {
    this.#write();
    if (this.#isLost && this.settings.isOwnText) event.preventDefault();
  }
}

/** Keys sort by age. */
function newKey(): string {
  return Date.now().toString(36).padStart(9, '0') + Math.random().toString(36).slice(1, 6);
}

function entryOf(state: unknown): EntryState | undefined {
  const { key, view, panel } = (state ?? {}) as Partial<EntryState>;
  return key !== undefined && view !== undefined && panel !== undefined ? { key, view, panel } : undefined;
}

/**
 * Browsers empty the history's state at the reload by which a page becomes isolated, which a service worker brings about
 * where the host does not: the newest view of the tab is the one that was open.
 */
function savedBeforeReload(): SavedView | undefined {
  const [navigation] = performance.getEntriesByType('navigation');
  const newest = keptKeys().at(-1);
  const isReload = (navigation as PerformanceNavigationTiming | undefined)?.type === 'reload';
  return isReload && newest !== undefined ? savedAt(newest.slice(PREFIX.length)) : undefined;
}

/** None where the browser forbids storage, as in a frame of another site. */
function keptKeys(): string[] {
  try {
    return Object.keys(sessionStorage)
      .filter((key) => key.startsWith(PREFIX))
      .sort();
  } catch {
    return [];
  }
}

function savedAt(key: string): SavedView | undefined {
  try {
    const json = sessionStorage.getItem(PREFIX + key);
    return json === null ? undefined : (JSON.parse(json) as SavedView);
  } catch {
    return undefined;
  }
}
