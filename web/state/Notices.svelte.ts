/** What the person should know, newest last. */
export class Notices {
  #all: readonly string[] = $state.raw([]);

  get all() {
    return this.#all;
  }

  /** Says it once, however often it is so. */
  add(notice: string): void {
    this.#all = [...this.#all.filter((earlier) => earlier !== notice), notice];
  }

  /** Says something else instead; either may be nothing. */
  replace(earlier: string | undefined, notice: string | undefined): void {
    if (earlier !== undefined) this.dismiss(earlier);
    if (notice !== undefined) this.add(notice);
  }

  dismiss(notice: string): void {
    this.#all = this.#all.filter((other) => other !== notice);
  }
}
