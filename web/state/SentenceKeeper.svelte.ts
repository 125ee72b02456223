import type { KnownSentence, Sentences } from './Sentences.svelte';
import type { Settings } from './Settings.svelte';
import type { KeptStore } from './TabStore';

/** What was computed, and with what: other weights, another processor or payload give other numbers. */
interface Kept {
  readonly device: string;
  readonly sentences: readonly KnownSentence[];
}

const KEY = 'sentences';
/** Sentences that are kept: more of them run again after a reload. */
const MOST_KEPT = 2000;
/** How long results rest before they are kept. */
const REST_MS = 500;
/** A store that has not answered by then is not waited for. */
const PATIENCE_MS = 1000;

/** Keeps what was computed for the sentences shown with the tab, so that a reload shows it again without computing. */
export class SentenceKeeper {
  #recalling: Promise<void> | undefined;

  constructor(
    private readonly store: KeptStore,
    private readonly settings: Pick<Settings, 'fields' | 'manifest'>,
    private readonly sentences: Pick<Sentences, 'isRunning' | 'totals' | 'known' | 'recall'>,
  ) {}

  /** Has the sentences of before known again, once; never fails, and never takes long. */
  recall(): Promise<void> {
    this.#recalling ??= Promise.race([this.#recall(), new Promise<void>((go) => setTimeout(go, PATIENCE_MS))]);
    return this.#recalling;
  }

  /** To be called in an effect: keeps what has been computed whenever it rests. */
  follow(): (() => void) | undefined {
    if (this.sentences.isRunning || this.sentences.totals.layerRuns === 0) return undefined;
    const timer = setTimeout(() => void this.#keep(), REST_MS);
    return () => clearTimeout(timer);
  }

  async #recall(): Promise<void> {
    try {
      const [kept] = (await this.store.all(KEY)) as readonly Kept[];
      if (kept?.device === this.#device) this.sentences.recall(kept.sentences);
    } catch {
      // Without a store, sentences run again.
    }
  }

  async #keep(): Promise<void> {
    const kept: Kept = { device: this.#device, sentences: this.sentences.known(MOST_KEPT) };
    // Where there is no room for them, they run again.
    await this.store.put(KEY, kept).catch(() => undefined);
  }

  get #device(): string {
    const { backend, variant, payload } = this.settings.fields;
    return `${this.settings.manifest.hash} ${backend} ${variant} ${payload}`;
  }
}
