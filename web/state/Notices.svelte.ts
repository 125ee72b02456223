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

  dismiss(notice: string): void {
    this.#all = this.#all.filter((other) => other !== notice);
  }
}
