/** Replicas come and go: of no more than so many the numbers are kept, those that answered last. */
const REMEMBERED = 64;

/** Who of an engine has answered, and how often. */
export class AnsweredBy {
  /** Who answered last stands last. */
  readonly #counts = new Map<string, number>();

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  count(replica: string): void {
    const before = this.#counts.get(replica) ?? 0;
    this.#counts.delete(replica);
    this.#counts.set(replica, before + 1);
    const [longestSilent] = this.#counts.keys();
    if (this.#counts.size > REMEMBERED && longestSilent !== undefined) this.#counts.delete(longestSilent);
  }
}
