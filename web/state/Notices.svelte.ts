/** What can be done about a notice, beside dismissing it. */
export interface NoticeAction {
  readonly name: string;
  readonly act: () => void;
}

/** What the person should know, newest last. */
export class Notices {
  #all: readonly string[] = $state.raw([]);
  #actions: ReadonlyMap<string, NoticeAction> = $state.raw(new Map());

  get all() {
    return this.#all;
  }

  actionOf(notice: string): NoticeAction | undefined {
    return this.#actions.get(notice);
  }

  /** Does what can be done about it, after which it is no news any more. */
  actOn(notice: string): void {
    const action = this.actionOf(notice);
    this.dismiss(notice);
    action?.act();
  }

  /** Says it once, however often it is so. */
  add(notice: string, action?: NoticeAction): void {
    this.dismiss(notice);
    this.#all = [...this.#all, notice];
    if (action) this.#actions = new Map(this.#actions).set(notice, action);
  }

  /** Says something else instead; either may be nothing. */
  replace(earlier: string | undefined, notice: string | undefined): void {
    if (earlier !== undefined) this.dismiss(earlier);
    if (notice !== undefined) this.add(notice);
  }

  dismiss(notice: string): void {
    this.#all = this.#all.filter((other) => other !== notice);
    this.#actions = new Map([...this.#actions].filter(([other]) => other !== notice));
  }
}
