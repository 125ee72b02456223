/**
 * How many requests may be in flight to a tier that may refuse them: one more for each window that was answered, half as many
 * once one is refused (additive increase, multiplicative decrease: Jacobson, SIGCOMM 1988). So a client takes what the tier
 * has to give, and asks a full one no more often than it must to find out that it is not full any more.
 */
export class ShareWindow {
  #size = Number.POSITIVE_INFINITY;
  #shrunkAt = Number.NEGATIVE_INFINITY;

  /** @param most that the tier takes of one client. */
  within(most: number): number {
    return Math.min(Math.floor(this.#size), most);
  }

  answered(most: number): void {
    this.#size = Math.min(this.#size + 1 / this.#size, most);
  }

  /** Those that were sent together with one that was refused tell nothing new. `inFlight` counts it, too. */
  refused(sentAt: number, inFlight: number, now: number): void {
    if (sentAt <= this.#shrunkAt) return;
    this.#size = Math.max(inFlight / 2, 1);
    this.#shrunkAt = now;
  }
}
