/** Bytes that may be on their way where nothing is known of the line: two seconds of 256 kbit/s. */
const FLOOR_BYTES = 64 * 1024;
/** Otherwise as many as the line takes in so many milliseconds. */
const HORIZON_MS = 2000;
/** Newest rates remembered. The best of them counts: answers are late for many reasons, and early for none. */
const REMEMBERED = 10;
/** The slowest line that is waited for, in bytes a millisecond: 32 kbit/s. */
const SLOWEST_RATE = 4;

/** Bytes that have left, and how much had arrived by then. */
export interface Departure {
  readonly at: number;
  readonly bytes: number;
  readonly arrivedBefore: number;
}

/**
 * How much may be on its way to a tier at once. A line's buffers take megabytes and say nothing: what lies in them delays
 * all that follows, pings too, and is lost with the connection. So no more is sent than the line delivers in two seconds,
 * by what has arrived while a request was on its way (the delivery rate of BBR, Cardwell et al., ACM Queue 14(5), 2016).
 */
export class Uplink {
  /** Whose answers are waited for. */
  readonly #awaited = new Set<Departure>();
  /** Nobody waits for them, and yet they take their time. */
  #abandoned: readonly Departure[] = [];
  #arrived = 0;
  #rates: readonly number[] = [];

  /** `now`: milliseconds of a steady clock. */
  constructor(private readonly now: () => number) {}

  /** Whether one more request may leave; one always may. */
  get hasRoom(): boolean {
    return this.#awaited.size === 0 || this.#onItsWay < Math.max(FLOOR_BYTES, (this.#rate ?? 0) * HORIZON_MS);
  }

  /** Milliseconds that what is on its way may need to arrive. */
  get drainMs(): number {
    return this.#onItsWay / (this.#rate ?? SLOWEST_RATE);
  }

  departed(bytes: number): Departure {
    const departure = { at: this.now(), bytes, arrivedBefore: this.#arrived };
    this.#awaited.add(departure);
    return departure;
  }

  /** The other side has answered, so that all that left before has arrived, too. */
  arrived(departure: Departure): void {
    const { at, bytes, arrivedBefore } = departure;
    this.#awaited.delete(departure);
    this.#abandoned = this.#abandoned.filter((abandoned) => abandoned.at > at);
    this.#arrived += bytes;
    const rate = (this.#arrived - arrivedBefore) / Math.max(this.now() - at, 1);
    this.#rates = [...this.#rates, rate].slice(-REMEMBERED);
  }

  /** Its answer will not come. */
  abandon(departure: Departure): void {
    if (this.#awaited.delete(departure)) this.#abandoned = [...this.#abandoned, departure];
  }

  /** Another connection may be over another line. */
  startAnew(): void {
    this.#awaited.clear();
    this.#abandoned = [];
    this.#rates = [];
  }

  get #onItsWay(): number {
    return [...this.#awaited, ...this.#abandoned].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Bytes a millisecond, or undefined before the first answer. */
  get #rate(): number | undefined {
    return this.#rates.length > 0 ? Math.max(...this.#rates) : undefined;
  }
}
