import TinyQueue from 'tinyqueue';

interface Event {
  readonly at: number;
  readonly order: number;
  readonly happen: () => void;
}

/** Simulated time: what is to happen happens in order of time, and of the same time in the order in which it was said. */
export class SimulatedClock {
  now = 0;
  readonly #events = new TinyQueue<Event>([], (a, b) => a.at - b.at || a.order - b.order);
  #count = 0;

  /** Has it happen so many milliseconds from now on. */
  after(ms: number, happen: () => void): void {
    this.#events.push({ at: this.now + ms, order: this.#count++, happen });
  }

  /** Until nothing is to happen any more. */
  run(): void {
    for (let event = this.#events.pop(); event; event = this.#events.pop()) {
      this.now = event.at;
      event.happen();
    }
  }
}
