/** Clients of an edge that are told apart at a time; of one that was heard of longer ago only its place in line is forgotten. */
const MOST_CLIENTS = 4096;

/** Those for whom an edge asks, by the key that it gives each of them (RQ12): the same key is the same client. */
export class Represented {
  readonly #clients = new Map<string, object>();

  /** The client, by identity. */
  of(key: string): object {
    const client = this.#clients.get(key) ?? {};
    // Whoever was heard of last stands last.
    this.#clients.delete(key);
    this.#clients.set(key, client);
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > MOST_CLIENTS && oldest !== undefined) this.#clients.delete(oldest);
    return client;
  }
}
