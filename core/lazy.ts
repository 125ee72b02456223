/** A value made at its first use. A failure is not kept: the next use tries again. */
export class Lazy<Value> {
  #making: Promise<Value> | undefined;
  #value: Value | undefined;

  constructor(private readonly make: () => Promise<Value>) {}

  /** What has been made so far; undefined while it is being made, too. */
  get value(): Value | undefined {
    return this.#value;
  }

  get(): Promise<Value> {
    this.#making ??= this.make().then(
      (value) => (this.#value = value),
      (error: unknown) => {
        this.#making = undefined;
        throw error;
      },
    );
    return this.#making;
  }
}

/** A lazy value for each key. */
export class LazyMap<Key, Value> {
  readonly #entries = new Map<Key, Lazy<Value>>();

  constructor(private readonly make: (key: Key) => Promise<Value>) {}

  get(key: Key): Promise<Value> {
    return this.#entryOf(key).get();
  }

  /** What has been made of the key so far. */
  value(key: Key): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  #entryOf(key: Key): Lazy<Value> {
    const entry = this.#entries.get(key) ?? new Lazy(() => this.make(key));
    this.#entries.set(key, entry);
    return entry;
  }
}
