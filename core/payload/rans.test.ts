import { describe, expect, test } from 'vitest';
import { hasCode } from '../errors';
import { bytesOf, hexOf, SharingBytes } from '../testing/bytes';
import { randomInt, randomItem, type Random, seededRandom } from '../testing/random';
import { RansReader, RansWriter, SLOTS, type SymbolTable, tableOf } from './rans';

type Symbols = readonly (readonly [symbol: number, table: SymbolTable])[];

const badFrame = expect.toSatisfy((error) => hasCode(error, 'BAD_FRAME'));

function write(symbols: Symbols): Uint8Array<ArrayBuffer> {
  const writer = new RansWriter(symbols.length);
  for (const [symbol, table] of symbols.toReversed()) writer.write(symbol, table);
  return writer.end();
}

function read(bytes: Uint8Array, tables: readonly SymbolTable[]): number[] {
  const reader = new RansReader(bytes);
  const symbols = tables.map((table) => reader.read(table));
  reader.end();
  return symbols;
}

/** A table of 1 to 40 symbols, of which some have few slots and some many. */
function randomTable(random: Random): SymbolTable {
  const cuts = new Set<number>();
  for (let symbol = randomInt(random, 0, 39); symbol > 0; symbol--) {
    cuts.add(Math.floor(randomItem(random, [50, SLOTS - 1]) * random()) + 1);
  }
  return Uint32Array.of(0, ...[...cuts].sort((a, b) => a - b), SLOTS);
}

function randomSymbols(random: Random): Symbols {
  const tables = Array.from({ length: 4 }, () => randomTable(random));
  return Array.from({ length: randomInt(random, 0, 300) }, () => {
    const table = randomItem(random, tables);
    return [randomInt(random, 0, table.length - 2), table];
  });
}

describe('TF8: the entropy coder', () => {
  const quarter = tableOf([SLOTS / 4, (3 * SLOTS) / 4]);

  test.each([
    ['nothing but its first state', [], '00 80 00 00'],
    // 2^23 / 2^14 · 2^16.
    ['one symbol', [0], '02 00 00 00'],
    // The last one first: 2^25; ⌊2^25 / 49152⌋ = 682, remainder 32768, and 16384 slots before it.
    ['two symbols', [1, 0], '02 aa c0 00'],
    // 2^23, 2^25, 2^27, 2^29; there it gives away a byte, and 2^21 becomes 2^23.
    ['eight bits in a byte', [0, 0, 0, 0], '00 80 00 00 00'],
  ])('by hand: %s', (_, symbols, golden) => {
    expect(hexOf(write(symbols.map((symbol) => [symbol, quarter])))).toBe(golden);
    expect(read(bytesOf(golden), new Array<SymbolTable>(symbols.length).fill(quarter))).toEqual(symbols);
  });

  test('a symbol that has every slot takes nothing', () => {
    const only = tableOf([SLOTS]);
    expect(hexOf(write(new Array(1000).fill([0, only])))).toBe('00 80 00 00');
  });

  test('reads what it wrote, in little more than its information', () => {
    const random = seededRandom(31);
    for (let round = 0; round < 300; round++) {
      const symbols = randomSymbols(random);
      const bytes = write(symbols);
      const tables = symbols.map(([, table]) => table);
      expect(read(SharingBytes.amidOthers(bytes), tables)).toEqual(symbols.map(([symbol]) => symbol));
      const slots = symbols.map(([symbol, table]) => (table[symbol + 1] ?? 0) - (table[symbol] ?? 0));
      const information = slots.reduce((bits, own) => bits + Math.log2(SLOTS / own), 0);
      expect(bytes.length).toBeLessThan(5 + information / 8 + symbols.length / 1000);
    }
  });

  test('bytes cut off, put on or made up are BAD_FRAME', () => {
    const random = seededRandom(32);
    for (let round = 0; round < 1000; round++) {
      const symbols = randomSymbols(random);
      const tables = [tableOf([1, SLOTS - 1]), ...symbols.map(([, table]) => table)];
      const bytes = write([[0, tableOf([1, SLOTS - 1])], ...symbols]);
      const junk = Uint8Array.from({ length: randomInt(random, 0, 100) }, () => randomInt(random, 0, 255));
      const broken = [bytes.subarray(0, randomInt(random, 0, bytes.length - 1)), Uint8Array.of(...bytes, 0), junk];
      for (const each of broken) expect(() => read(each, tables)).toThrow(badFrame);
    }
  });
});
