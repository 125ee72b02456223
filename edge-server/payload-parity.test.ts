import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { toLayer } from '../core/layers';
import { decodeHiddenState, encodeHiddenState } from '../core/payload/payload';
import { parseStateCodec } from '../core/payload/state-codec';
import { bytesOf, hexOf } from '../core/testing/bytes';

/** A payload of the Python side, which learns the codecs. */
interface Fixture {
  readonly hidden: number;
  readonly codewords: number;
  readonly levels: number;
  readonly classes: number;
  /** Bytes a token. */
  readonly budget: number;
  readonly file: string;
  readonly hiddenState: readonly (readonly number[])[];
  readonly payload: string;
  readonly decoded: readonly (readonly number[])[];
}

test('TF8: a coded payload is written and read as the Python side does', async () => {
  const path = new URL('../training/tests/state_codec.json', import.meta.url);
  const fixture = JSON.parse(await readFile(path, 'utf8')) as Fixture;
  const { hidden, codewords, levels, classes, budget, hiddenState, decoded } = fixture;
  const [file, payload] = [bytesOf(fixture.file), bytesOf(fixture.payload)];
  const listed = { path: 'codec.bin', bytes: file.length, sha256: '0'.repeat(64) };
  const codec = parseStateCodec(file, { layer: toLayer(3), codewords, levels, classes, file: listed }, hidden);
  const tokens = hiddenState.length;
  const state = { tokens, hidden, data: Float32Array.from(hiddenState.flat()) };
  expect(hexOf(encodeHiddenState(state, { ...codec, bytesPerToken: budget }))).toBe(hexOf(payload));
  const { data } = decodeHiddenState(payload, codec, tokens, hidden);
  const errors = decoded.flat().map((value, index) => Math.abs(value - (data[index] ?? Number.NaN)));
  expect(errors).toHaveLength(data.length);
  expect(Math.max(...errors)).toBeLessThan(1e-4);
});
