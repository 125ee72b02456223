/** How many times as long as a drawing took, others have before the next one. */
const REST = 3;

/**
 * Draws what it is given, but never takes more than a quarter of the time: what comes too soon waits, and the latest is drawn
 * then. So a fast machine draws every frame, and a slow or busy one stays answerable. It draws just before a frame, when the
 * page's own changes are made: in between them, a canvas makes the browser style the page anew for each.
 */
export class FramePacer {
  #latest: (() => void) | undefined;
  #restsUntil = 0;
  #frame: number | undefined;

  draw(drawing: () => void): void {
    this.#latest = drawing;
    this.#frame ??= requestAnimationFrame((now) => this.#draw(now));
  }

  /** Nothing is drawn any more. */
  stop(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
  }

  #draw(now: number): void {
    if (now < this.#restsUntil) {
      this.#frame = requestAnimationFrame((next) => this.#draw(next));
      return;
    }
    this.#frame = undefined;
    const startedAt = performance.now();
    this.#latest?.();
    this.#restsUntil = performance.now() + REST * (performance.now() - startedAt);
  }
}
