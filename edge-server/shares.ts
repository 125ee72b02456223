/** What clients hold of something scarce: none of them more than its share. */
export class Shares {
  readonly #held = new Map<string, number>();

  /** `most`: what one client may hold. */
  constructor(readonly most: number) {}

  /** Takes one for a client; undefined where it holds its full share. What is returned gives it back, which counts once. */
  take(client: string): (() => void) | undefined {
    const held = this.#held.get(client) ?? 0;
    if (held >= this.most) return undefined;
    this.#held.set(client, held + 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.#giveBack(client);
      isHeld = false;
    };
  }

  #giveBack(client: string): void {
    const left = (this.#held.get(client) ?? 0) - 1;
    if (left > 0) this.#held.set(client, left);
    else this.#held.delete(client);
  }
}
