import { DimeeError } from '../errors';

// Loops over all numbers read `?? 0` and not `at`, for the time it takes (`at.ts`).

/** The slots that the symbols of an alphabet share: a symbol with half of them takes one bit. */
export const SLOTS = 2 ** 16;
/** The state lies from here to 256 times as much between two symbols; the first and the last one are this. */
const LOWEST = 2 ** 23;

/** An alphabet 0, 1, …: symbol s has the slots from `[s]` to before `[s + 1]`. */
export type SymbolTable = Uint32Array;

/** The table of symbols that have so many slots each; where these are `SLOTS` together, the last number is that. */
export function tableOf(frequencies: readonly number[]): SymbolTable {
  const table = new Uint32Array(frequencies.length + 1);
  frequencies.forEach((frequency, symbol) => (table[symbol + 1] = (table[symbol] ?? 0) + frequency));
  return table;
}

/** Writes symbols, the last one first, as a range asymmetric numeral system (Duda, arXiv 1311.2540). */
export class RansWriter {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  /** What is written begins here: it grows towards the front. */
  #start: number;
  #state = LOWEST;

  /** @param symbols How many are written at most. */
  constructor(symbols: number) {
    // A state below 2^31 has two bytes to give away until it is below 2^15, the bound of the rarest symbol.
    this.#bytes = new Uint8Array(2 * symbols + 4);
    this.#start = this.#bytes.length;
  }

  /** The symbol must have a slot. */
  write(symbol: number, table: SymbolTable): void {
    const first = table[symbol] ?? 0;
    const frequency = (table[symbol + 1] ?? 0) - first;
    let state = this.#state;
    // Not `frequency << 15`, which overflows for a symbol that has every slot.
    while (state >= frequency * 2 ** 15) {
      this.#bytes[--this.#start] = state & 0xff;
      state >>>= 8;
    }
    this.#state = Math.floor(state / frequency) * SLOTS + (state % frequency) + first;
  }

  /** The bytes of all symbols: a view. Nothing can be written after. */
  end(): Uint8Array<ArrayBuffer> {
    this.#start -= 4;
    new DataView(this.#bytes.buffer).setUint32(this.#start, this.#state);
    return this.#bytes.subarray(this.#start);
  }
}

/** Reads what `RansWriter` wrote, the first symbol first. */
export class RansReader {
  #at = 4;
  #state: number;

  /** @throws DimeeError `BAD_FRAME` for bytes that are too few for a state. */
  constructor(private readonly bytes: Uint8Array) {
    if (bytes.byteLength < 4) throw tooShort();
    this.#state = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  }

  /** @throws DimeeError `BAD_FRAME` where the bytes run out. */
  read(table: SymbolTable): number {
    const slot = this.#state & 0xffff;
    let symbol = 0;
    let after = table.length - 1;
    while (after - symbol > 1) {
      const middle = (symbol + after) >>> 1;
      if ((table[middle] ?? 0) <= slot) symbol = middle;
      else after = middle;
    }
    const first = table[symbol] ?? 0;
    let state = ((table[after] ?? 0) - first) * (this.#state >>> 16) + slot - first;
    while (state < LOWEST) {
      const byte = this.bytes[this.#at++];
      if (byte === undefined) throw tooShort();
      state = (state << 8) | byte;
    }
    this.#state = state;
    return symbol;
  }

  /** @throws DimeeError `BAD_FRAME` where these were not all symbols, or others than were written. */
  end(): void {
    if (this.#at === this.bytes.byteLength && this.#state === LOWEST) return;
    throw new DimeeError('BAD_FRAME', 'A coded payload does not end with its last number.');
  }
}

function tooShort(): DimeeError {
  return new DimeeError('BAD_FRAME', 'A coded payload ends before its last number.');
}
