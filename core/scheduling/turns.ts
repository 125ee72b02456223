/** What is known of a client that has work here. */
interface Account {
  /** Where its next sample stands, in tokens of service: after all those that it has sent. */
  nextStart: number;
  /** Pieces of work that wait or run. */
  backlog: number;
}

/** Where a sample stands in line. */
export interface Place {
  /** In tokens of service, and without any head start. */
  readonly start: number;
  readonly turn: number;
  /** Of those that stand at the same point, the earlier comes first. */
  readonly order: number;
  readonly tokens: number;
}

/** Whether the first comes before the other. */
export function isBefore(place: Place, other: Place): boolean {
  return place.start === other.start ? place.order < other.order : place.start < other.start;
}

/** A client has little here where that is at most this share of what clients have on average. */
const LITTLE = 0.25;

/**
 * The order of samples of many clients, as start-time fair queueing has it (Goyal, Vin and Cheng, SIGCOMM 1996): a sample
 * takes the place where those end that its client has here, or the place that is being served, whichever is later. So of
 * clients with one sample each the oldest comes first, however long their earlier ones were, and a client's hundreds stand
 * one behind the other, beside those of others. The place that is being served moves on with all that is, as if each
 * client were served its share at once (generalised processor sharing): those who send one after the other keep nobody's
 * hundreds waiting for ever. Whoever has less here than others has is charged the less for a sample, and whoever has far less comes before
 * what is being served, too, without getting more in all (borrowed virtual time: Duda and Cheriton, SOSP 1999): who waits
 * for one answer comes before who waits for a file's.
 */
export class Turns {
  readonly #accounts = new WeakMap<object, Account>();
  readonly #places = new WeakMap<object, Place>();
  /** Of which something has been served. */
  readonly #begun = new WeakSet<Place>();
  #samples = 0;
  /** The place that is being served, and that of the last whose turn it was: who went beside others went before its own. */
  #served = 0;
  #front = 0;
  #backlog = 0;
  #clients = 0;

  /** @param headStart of whoever has far less here than others, in tokens of service. */
  constructor(private readonly headStart: number) {}

  /** A piece of work arrives. @returns the place of its sample, which is the same for all its work. */
  arrive({ client, sample }: { readonly client: object; readonly sample: object }, tokens: number): Place {
    const account = this.#accountOf(client);
    if (account.backlog++ === 0) this.#clients++;
    this.#backlog++;
    const known = this.#places.get(sample);
    if (known !== undefined) return known;
    const isLight = this.hasLittle(client);
    const now = isLight ? Math.min(this.#front, this.#served) : this.#served;
    const turn = account.backlog === 1 ? now : Math.max(account.nextStart, now);
    account.nextStart = turn + tokens * Math.min(this.#shareOf(account), 1);
    const place = { turn, start: turn - (isLight ? this.headStart : 0), order: this.#samples++, tokens };
    this.#places.set(sample, place);
    return place;
  }

  /** Whether the one sample came to an earlier place than the other. */
  isBefore(sample: object, other: object): boolean {
    const [place, otherPlace] = [this.#places.get(sample), this.#places.get(other)];
    return place !== undefined && otherPlace !== undefined && isBefore(place, otherPlace);
  }

  /** The work that stands at these places is being done, at the first since it is its turn, at the others beside it. */
  serve(places: readonly Place[]): void {
    const [first] = places;
    if (first) {
      this.#front = first.turn;
      this.#served = Math.max(this.#served, first.turn);
    }
    for (const place of places) {
      if (!this.#begun.has(place)) this.#served += place.tokens / Math.max(this.#clients, 1);
      this.#begun.add(place);
    }
  }

  /** A piece of the client's work is done, or wanted no more. */
  leave(client: object): void {
    const account = this.#accountOf(client);
    if (--account.backlog === 0) this.#clients--;
    this.#backlog--;
  }

  /** The client has far less here than others have. */
  hasLittle(client: object): boolean {
    return this.#shareOf(this.#accountOf(client)) <= LITTLE;
  }

  /** What the client has here, as a multiple of what clients have on average. */
  #shareOf({ backlog }: Account): number {
    return (backlog * this.#clients) / Math.max(this.#backlog, 1);
  }

  #accountOf(client: object): Account {
    const account = this.#accounts.get(client) ?? { nextStart: 0, backlog: 0 };
    this.#accounts.set(client, account);
    return account;
  }
}
