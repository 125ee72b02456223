import { describe, expect, test } from 'vitest';
import { hasCode } from '../errors';
import { bytesOf, hexOf, SharingBytes } from '../testing/bytes';
import { randomInt, randomLogits, seededRandom } from '../testing/random';
import { decodeTrace, type Trace } from './trace-file';
import { encodeTrace } from './trace-writer';

function randomTrace({ rows = 7, layers = 12, classes = 3, model = 'fake' } = {}): Trace {
  const random = seededRandom(rows);
  return {
    ...{ task: 'mnli', split: 'dev', model, rows, layers, classes, isLabelled: true },
    logits: Float32Array.from(randomLogits(random, rows * layers * classes, 12)),
    gold: Uint8Array.from({ length: rows }, () => randomInt(random, 0, classes - 1)),
    tokens: Uint16Array.from({ length: rows }, () => randomInt(random, 3, 512)),
  };
}

/** The file with its JSON header changed. */
function withHeader(file: Uint8Array<ArrayBuffer>, change: (json: string) => string): Uint8Array<ArrayBuffer> {
  const view = new DataView(file.buffer);
  const payloadStart = 12 + view.getUint32(8, true);
  const json = change(new TextDecoder().decode(file.subarray(12, payloadStart)));
  const header = new TextEncoder().encode(json);
  const changed = new Uint8Array(12 + header.length + file.length - payloadStart);
  changed.set(file.subarray(0, 12));
  new DataView(changed.buffer).setUint32(8, header.length, true);
  changed.set(header, 12);
  changed.set(file.subarray(payloadStart), 12 + header.length);
  return changed;
}

describe('a trace that is written and read', () => {
  test.each([{ rows: 1, layers: 1, classes: 2 }, { rows: 7 }, { rows: 100, classes: 2 }])(
    'is the same: %o',
    (shape) => {
      const trace = randomTrace(shape);
      expect(decodeTrace(encodeTrace(trace))).toEqual(trace);
    },
  );

  test('rounds logits to float16', () => {
    const trace = { ...randomTrace({ rows: 1, layers: 1, classes: 2 }), logits: Float32Array.of(0.1, -7.3) };
    expect([...decodeTrace(encodeTrace(trace)).logits]).toEqual([0.0999755859375, -7.30078125]);
  });

  test.each(['naïve 模型', '😀', 'é'])('has names beyond ASCII (%s)', (model) => {
    const trace = randomTrace({ model });
    expect(decodeTrace(encodeTrace(trace))).toEqual(trace);
  });

  test('may lie anywhere in a larger buffer, and its arrays are copies', () => {
    const file = encodeTrace(randomTrace());
    const larger = new Uint8Array(file.length + 9);
    larger.set(file, 3);
    const trace = decodeTrace(larger.subarray(3, 3 + file.length));
    larger.fill(0);
    expect(trace).toEqual(randomTrace());
  });

  test('may come in a Node Buffer, whose slice does not copy', () => {
    expect(decodeTrace(SharingBytes.amidOthers(encodeTrace(randomTrace())))).toEqual(randomTrace());
  });

  test('begins with DMTR, version 1 and the length of its header, and aligns its columns to 8 bytes', () => {
    const file = encodeTrace(randomTrace({ rows: 1, layers: 1, classes: 2 }));
    expect(hexOf(file.subarray(0, 8))).toBe('44 4d 54 52 01 00 00 00');
    const payloadStart = 12 + new DataView(file.buffer).getUint32(8, true);
    const header = JSON.parse(new TextDecoder().decode(file.subarray(12, payloadStart))) as { columns: unknown };
    expect(payloadStart % 8).toBe(0);
    expect(header.columns).toEqual([
      { name: 'logits', dtype: 'float16', shape: [1, 1, 2], offset: 0 },
      { name: 'gold', dtype: 'uint8', shape: [1], offset: 8 },
      { name: 'tokens', dtype: 'uint16', shape: [1], offset: 16 },
    ]);
    expect(file).toHaveLength(payloadStart + 24);
  });

  test('finds columns by their names, whatever their order and whatever else is there', () => {
    const file = withHeader(encodeTrace(randomTrace()), (json) => {
      const header = JSON.parse(json) as { columns: unknown[] };
      header.columns.reverse().push({ name: 'hopes', dtype: 'bfloat16', shape: [3], offset: 99 });
      return JSON.stringify(header);
    });
    expect(decodeTrace(file)).toEqual(randomTrace());
  });

  test('may have what some policies need: how much layers turned its states, and how far its samples are from pools', () => {
    const random = seededRandom(5);
    /** Eighths, which float16 holds exactly. */
    const eighths = (length: number) => Float32Array.from({ length }, () => randomInt(random, -8, 8) / 8);
    const trace = {
      ...randomTrace(),
      saturation: eighths(7 * 12),
      poolDistances: eighths(7 * 3),
      dynamicsDistances: eighths(7 * 3),
      devRows: Uint32Array.of(0, 3, 4, 70_000, 70_001, 70_002, 4_000_000_000),
    };
    expect(decodeTrace(encodeTrace(trace))).toEqual(trace);
    const { poolDistances, ...others } = trace;
    expect(decodeTrace(encodeTrace(others))).toEqual(others);
    expect(poolDistances).toHaveLength(21);
  });
});

describe('what a header may leave out', () => {
  /** A file of one row, as files were written before there were rows without labels. */
  const header =
    '{"task":"sst2","split":"dev","model":"fake","rows":1,"layers":1,"classes":2,"columns":[' +
    '{"name":"logits","dtype":"float16","shape":[1,1,2],"offset":0},' +
    '{"name":"gold","dtype":"uint8","shape":[1],"offset":8},' +
    '{"name":"tokens","dtype":"uint16","shape":[1],"offset":16}]}   ';
  const old = bytesOf(
    `44 4d 54 52 01 00 00 00 0c 01 00 00 ${hexOf(new TextEncoder().encode(header))}
     00 3c 00 c0 00 00 00 00 01 00 00 00 00 00 00 00 07 00 00 00 00 00 00 00`,
  );

  test('an old file is labelled, and is written again byte for byte', () => {
    const trace = decodeTrace(old);
    expect(trace).toEqual({
      ...{ task: 'sst2', split: 'dev', model: 'fake', rows: 1, layers: 1, classes: 2, isLabelled: true },
      ...{ logits: Float32Array.of(1, -2), gold: Uint8Array.of(1), tokens: Uint16Array.of(7) },
    });
    expect(hexOf(encodeTrace(trace))).toBe(hexOf(old));
  });

  test('rows without labels and the model’s hash are said', () => {
    const trace = { ...randomTrace(), isLabelled: false, modelHash: 'f'.repeat(64) };
    expect(decodeTrace(encodeTrace(trace))).toEqual(trace);
  });
});

describe('a damaged trace is BAD_TRACE and says what is wrong', () => {
  const whole = encodeTrace(randomTrace());
  const replaced = (from: string, to: string) => withHeader(whole, (json) => json.replace(from, to));
  const patched = (offset: number, hex: string) => {
    const file = whole.slice();
    file.set(bytesOf(hex), offset);
    return file;
  };

  test.each<[string, Uint8Array<ArrayBuffer>, string]>([
    ['empty', new Uint8Array(0), 'is too short'],
    ['a stump', whole.slice(0, 11), 'is too short'],
    ['another format', patched(0, '50 4b'), 'does not begin with the letters DMTR'],
    ['a later version', patched(4, '02'), 'has version 2, not 1'],
    ['cut within its header', whole.slice(0, 40), 'ends within its header'],
    ['a header length beyond the file', patched(8, 'ff ff ff ff'), 'ends within its header'],
    ['a header that is not JSON', patched(12, '5b 5b'), 'has a header that is not JSON'],
    ['a header of another kind', withHeader(whole, () => '[1, 2]'), 'has a header that is not valid'],
    ['no rows', replaced('"rows":7', '"rows":0'), 'has a header that is not valid'],
    ['rows without end', replaced('"rows":7', '"rows":10000001'), 'has a header that is not valid'],
    ['an unknown dtype', replaced('"uint8"', '"uint32"'), 'has no column “gold” of uint8 [7]'],
    ['a negative offset', replaced('"offset":0', '"offset":-8'), 'has a header that is not valid'],
    ['no logits', replaced('"logits"', '"legits"'), 'has no column “logits” of float16 [7, 12, 3]'],
    ['a column of another shape', replaced('"classes":3', '"classes":2'), 'no column “logits” of float16 [7, 12, 2]'],
    ['a column of another dtype', replaced('"uint16"', '"uint8"'), 'has no column “tokens” of uint16 [7]'],
    [
      'a column that need not be there, of another shape',
      withHeader(encodeTrace({ ...randomTrace(), poolDistances: new Float32Array(21) }), (json) =>
        json.replace('"shape":[7,3]', '"shape":[7,2]'),
      ),
      'has no column “pool_distances” of float16 [7, 3]',
    ],
    ['cut within its last column', whole.slice(0, -8), 'ends within its column “tokens”'],
    ['a column beyond the file', replaced('"offset":0', '"offset":9999'), 'ends within its column “logits”'],
  ])('%s', (_, file, problem) => {
    const decode = () => decodeTrace(file);
    expect(decode).toThrow(expect.toSatisfy((error) => hasCode(error, 'BAD_TRACE')));
    expect(decode).toThrow(problem);
  });

  test('nothing else is ever thrown at random damage', () => {
    const random = seededRandom(11);
    for (let round = 0; round < 2000; round++) {
      const file = whole.slice(0, randomInt(random, 0, whole.length));
      for (let hit = randomInt(random, 0, 4); hit > 0 && file.length > 0; hit--) {
        file[randomInt(random, 0, Math.min(file.length - 1, 500))] = randomInt(random, 0, 255);
      }
      try {
        decodeTrace(file);
      } catch (error) {
        if (!hasCode(error, 'BAD_TRACE')) throw error;
      }
    }
  });
});
