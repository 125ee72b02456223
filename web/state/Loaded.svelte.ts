import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { messageOf } from '../../core/errors';

/** What has become of a key so far. */
interface Answer<Value> {
  readonly value?: Value;
  readonly problem?: string;
}

/** How long something may take before it is said that it does not come. A slow line brings a trace in a few seconds. */
const PATIENCE_MS = 30_000;
const NOTHING_COMES = `Nothing has come for ${PATIENCE_MS / 1000} seconds.`;

/** What is fetched by key, each key once: its value, or why there is none. Keys of several parts are alike where all parts are. */
export class Loaded<Key extends string | readonly string[], Value> {
  readonly #answers = new SvelteMap<string, Answer<Value>>();
  readonly #loads = new Map<string, Promise<void>>();

  /** `problemOf` says for people why a key could not be fetched. */
  constructor(
    private readonly fetch: (key: Key) => Promise<Value>,
    private readonly problemOf: (reason: string, key: Key) => string,
  ) {}

  /** Undefined until it is here. */
  value(key: Key): Value | undefined {
    return this.#answers.get(String(key))?.value;
  }

  problem(key: Key): string | undefined {
    return this.#answers.get(String(key))?.problem;
  }

  /** Fetches it unless it is here or on its way; what failed is tried again. Never rejects. */
  load(key: Key): Promise<void> {
    const name = String(key);
    const load = this.#loads.get(name) ?? untrack(() => this.#load(key, name));
    this.#loads.set(name, load);
    return load;
  }

  async #load(key: Key, name: string): Promise<void> {
    const timer = setTimeout(() => this.#fail(key, name, NOTHING_COMES), PATIENCE_MS);
    try {
      // What comes late is taken all the same.
      this.#answers.set(name, { value: await this.fetch(key) });
    } catch (error) {
      this.#fail(key, name, messageOf(error));
    } finally {
      clearTimeout(timer);
    }
  }

  /** The next `load` tries again; what is here already stays. */
  #fail(key: Key, name: string, reason: string): void {
    if (this.value(key) !== undefined) return;
    this.#loads.delete(name);
    this.#answers.set(name, { problem: this.problemOf(reason, key) });
  }
}
