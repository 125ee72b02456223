import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DimeeError } from '../core/errors';
import { toLayer } from '../core/layers';
import { parseManifest, taskOf } from '../core/model/manifest';
import { at } from '../core/numbers/at';
import { textOfFile } from '../core/own-data/file-text';
import { readTable } from '../core/own-data/layout';
import { PLAIN_DTYPES } from '../core/payload/dtypes';
import { parseStateCodec } from '../core/payload/state-codec';
import {
  type ClientMessage,
  encodeError,
  encodeInfer,
  encodeMessage,
  encodeResult,
  parseClientMessage,
  parseServerMessage,
} from '../core/protocol/messages';
import { decodeTensorFrame, encodeTensorFrame } from '../core/protocol/tensor-frame';
import { fakeCodecFile, fakeCodecs } from '../core/testing/fake-codecs';
import { fakeRequest } from '../core/testing/fake-ladder';
import { fakeManifest } from '../core/testing/fake-manifest';
import { settlingTrace } from '../core/testing/settling-trace';
import { decodeTrace } from '../core/trace/trace-file';
import { encodeTrace } from '../core/trace/trace-writer';
import { defaultFields, fieldTable } from '../core/view/fields';
import { readLink, writeLink } from '../core/view/link';
import { unpackResults } from '../core/view/sent-results';

/*
 * Whatever comes from outside is read, or refused with an error of ours: everything that reads bytes or text, on what was
 * written well and then spoiled. `DIMEE_FUZZ_RUNS=100000` looks longer, and elsewhere each time.
 */

const runs = process.env.DIMEE_FUZZ_RUNS;
const options = runs === undefined ? { numRuns: 150, seed: 1 } : { numRuns: Number(runs) };

type Bytes = Uint8Array<ArrayBuffer>;

const manifest = fakeManifest();
const codecs = fakeCodecs(manifest);
await codecs.loadAll();
const entry = at(manifest.codecs, 0);
const toText = (bytes: Bytes) => new TextDecoder().decode(bytes);
const toBytes = (text: string): Bytes => new TextEncoder().encode(text);
const state = (tokens: number, hidden: number) => ({
  ...{ tokens, hidden },
  data: Float32Array.from({ length: tokens * hidden }, (_, index) => Math.sin(index)),
});
const coded = await codecs.dtypeAfter(entry.layer, 'coded96');
const dtypes = [...PLAIN_DTYPES, coded];
const frames = dtypes.map((dtype) =>
  encodeTensorFrame({ requestId: 7, startLayer: toLayer(entry.layer + 1), dtype, state: state(5, manifest.hidden) }),
);
const step = { layer: toLayer(5), tier: 'edge', logits: [0.5, -1], computeMs: 1.5 } as const;
const result = { tokens: 9, steps: [step], crossings: [], queueMs: 0.25, stays: [] };
const link = await writeLink(
  {
    fields: { ...defaultFields(fieldTable(manifest)), text: 'One line.\nAnother line.' },
    ...{ parameters: {}, parametersB: {}, onlineParameters: {} },
    results: [{ way: [{ tier: 'mobile', firstLayer: toLayer(1), lastLayer: toLayer(3) }], label: 1, confidence: 0.75 }],
  },
  manifest,
);
const tables = ['sentence\tlabel\nA good film.\tpositive\nA bad one.\tnegative\n', '[{"text": "A film.", "label": 1}]'];

interface Decoder {
  readonly wellWritten: readonly Bytes[];
  /** @throws DimeeError */
  readonly decode: (bytes: Bytes) => unknown;
}

const DECODERS: Readonly<Record<string, Decoder>> = {
  'a tensor frame': { wellWritten: frames, decode: (bytes) => decodeTensorFrame(bytes, codecs) },
  'a client’s message': {
    wellWritten: [
      encodeMessage({ type: 'hello', protocol: 1, modelHash: manifest.hash, variant: 'q8', client: 'test' }),
      encodeInfer(1, fakeRequest(), 1000),
      encodeMessage({ type: 'ping', id: 3 }),
    ].map(toBytes),
    decode: (bytes) => parseClientMessage(toText(bytes)),
  },
  'a server’s message': {
    wellWritten: [
      encodeResult(1, result),
      encodeError(1, { code: 'OVERLOADED', message: 'Full.', retryable: true, retryAfterMs: 20 }),
    ].map(toBytes),
    decode: (bytes) => parseServerMessage(toText(bytes)),
  },
  'a codec’s file': {
    wellWritten: [fakeCodecFile(entry, manifest.hidden)],
    decode: (bytes) => parseStateCodec(bytes, entry, manifest.hidden),
  },
  'a trace': { wellWritten: [encodeTrace(settlingTrace('sst2', 2, [1, 3]))], decode: decodeTrace },
  'a manifest': {
    wellWritten: [toBytes(JSON.stringify(manifest))],
    decode: (bytes) => parseManifest(jsonOf(toText(bytes))),
  },
  'a link': { wellWritten: [toBytes(link)], decode: (bytes) => readLink(toText(bytes), manifest) },
  'the results of a link': {
    wellWritten: [toBytes(new URLSearchParams(link.slice(1)).get('results') ?? link)],
    decode: (bytes) => unpackResults(toText(bytes), 'sst2', manifest),
  },
  'a file of people’s rows': {
    wellWritten: tables.map(toBytes),
    decode: (bytes) => readTable(textOfFile('rows.tsv', bytes), taskOf(manifest, 'sst2'), {}, async () => undefined),
  },
};

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What was written well, with some bytes changed, left out, doubled or put in, or a number in it made another. */
function spoiled(wellWritten: readonly Bytes[]): fc.Arbitrary<Bytes> {
  const position = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  const change = fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), position, bit: fc.nat(7) }),
    fc.record({ kind: fc.constant('cut' as const), position, bytes: fc.nat(64) }),
    fc.record({ kind: fc.constant('double' as const), position, bytes: fc.nat(64) }),
    fc.record({ kind: fc.constant('insert' as const), position, content: fc.uint8Array({ maxLength: 32 }) }),
    fc.record({
      kind: fc.constant('number' as const),
      position,
      value: fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x7f800000, 0x7fc00000),
    }),
    fc.record({
      kind: fc.constant('digits' as const),
      position,
      text: fc.constantFrom('-1', '1e308', '0.5', 'null', '[]', '{}', '""', '"__proto__"', '[[[[[['),
    }),
  );
  const changes = fc.array(change, { minLength: 1, maxLength: 6 });
  return fc.tuple(fc.constantFrom(...wellWritten), changes).map(([bytes, all]) => all.reduce(changed, bytes));
}

type Change =
  | { readonly kind: 'flip'; readonly position: number; readonly bit: number }
  | { readonly kind: 'cut' | 'double'; readonly position: number; readonly bytes: number }
  | { readonly kind: 'insert'; readonly position: number; readonly content: Uint8Array }
  | { readonly kind: 'number'; readonly position: number; readonly value: number }
  | { readonly kind: 'digits'; readonly position: number; readonly text: string };

function changed(bytes: Bytes, change: Change): Bytes {
  const from = Math.floor(change.position * bytes.byteLength);
  const parts = (middle: Uint8Array, to: number) =>
    Uint8Array.from([...bytes.subarray(0, from), ...middle, ...bytes.subarray(to)]);
  switch (change.kind) {
    case 'flip':
      return bytes.map((byte, index) => (index === from ? byte ^ (1 << change.bit) : byte));
    case 'cut':
      return parts(new Uint8Array(), from + change.bytes);
    case 'double':
      return parts(bytes.subarray(from, from + change.bytes), from);
    case 'insert':
      return parts(change.content, from);
    case 'number': {
      const aligned = from - (from % 4);
      const copy = bytes.slice();
      if (aligned + 4 <= copy.byteLength) new DataView(copy.buffer).setUint32(aligned, change.value, true);
      return copy;
    }
    case 'digits': {
      // In the place of the next number, where there is one.
      const rest = toText(bytes.subarray(from)).replace(/-?\d+(\.\d+)?/, change.text);
      return Uint8Array.from([...bytes.subarray(0, from), ...toBytes(rest)]);
    }
  }
}

/** Whether it was read, or refused with an error of ours. */
async function isReadOrRefused(decode: Decoder['decode'], bytes: Bytes): Promise<boolean> {
  try {
    await decode(bytes);
    return true;
  } catch (error) {
    if (error instanceof DimeeError) return true;
    throw error;
  }
}

describe.each(Object.entries(DECODERS))('%s', (_what, { wellWritten, decode }) => {
  test('is read as it was written', async () => {
    for (const bytes of wellWritten) expect(await decode(bytes)).toBeDefined();
  });

  test('is read or refused, whatever has become of it', { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(spoiled(wellWritten), (bytes) => isReadOrRefused(decode, bytes)),
      options,
    );
  });

  test('is not anything at all', { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), (bytes) => isReadOrRefused(decode, Uint8Array.from(bytes))),
      options,
    );
  });
});

describe('What is written can be read', () => {
  const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 });

  test(
    'a hidden state of any shape, as float32 to the last bit, in other ways as finite numbers',
    { timeout: 3_600_000 },
    () => {
      const shape = fc.record({ tokens: fc.integer({ min: 1, max: 9 }), hidden: fc.integer({ min: 1, max: 40 }) });
      const states = shape.chain(({ tokens, hidden }) =>
        fc
          .array(float, { minLength: tokens * hidden, maxLength: tokens * hidden })
          .map((numbers) => ({ tokens, hidden, data: Float32Array.from(numbers) })),
      );
      fc.assert(
        fc.property(states, fc.constantFrom(...PLAIN_DTYPES), fc.nat(0xffffffff), (written, dtype, requestId) => {
          const frame = encodeTensorFrame({ requestId, startLayer: toLayer(3), dtype, state: written });
          const read = decodeTensorFrame(frame);
          expect(read).toMatchObject({ requestId, dtype, state: { tokens: written.tokens, hidden: written.hidden } });
          if (dtype === 'float32') expect(read.state.data).toEqual(written.data);
          else expect(read.state.data.every(Number.isFinite)).toBe(true);
        }),
        options,
      );
    },
  );

  test('a request with any text and any logits', { timeout: 3_600_000 }, () => {
    const texts = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });
    const logits = fc.array(fc.array(float, { minLength: 2, maxLength: 3 }), { maxLength: 4 });
    fc.assert(
      fc.property(texts, logits, fc.nat(0xffffffff), (text, priorLogits, rowSeed) => {
        const request = fakeRequest({ priorLogits, rowSeed, input: { kind: 'text', texts: [text] } });
        const read: ClientMessage = parseClientMessage(encodeInfer(1, request, 1000));
        expect(read).toMatchObject({ requestId: 1, rowSeed, input: { kind: 'text', texts: [text] } });
      }),
      options,
    );
  });
});
