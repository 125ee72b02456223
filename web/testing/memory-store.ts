import type { KeptStore } from '../state/TabStore';

/** Stands for the browser's store: it outlives whoever uses it, and copies what it keeps as a browser does. */
export class MemoryStore implements KeptStore {
  readonly kept = new Map<string, unknown>();
  isFull = false;

  async put(key: string, value: unknown): Promise<void> {
    await Promise.resolve();
    if (this.isFull) throw new Error('The quota has been exceeded.');
    this.kept.set(key, structuredClone(value));
  }

  async all(prefix: string): Promise<readonly unknown[]> {
    await Promise.resolve();
    const keys = [...this.kept.keys()].filter((key) => key.startsWith(prefix)).sort();
    return keys.map((key) => structuredClone(this.kept.get(key)));
  }

  async clear(prefix: string): Promise<void> {
    await Promise.resolve();
    for (const key of [...this.kept.keys()]) if (key.startsWith(prefix)) this.kept.delete(key);
  }
}
