import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { decodeHiddenState, encodeHiddenState } from '../core/model/hidden-state';
import { parseBottleneck } from '../core/model/low-rank';
import { bytesOf, hexOf } from '../core/testing/bytes';

/** A payload worked by hand, to which the Python side, which learns the bottlenecks, is held too. */
interface Fixture {
  readonly hidden: number;
  readonly int8: number;
  readonly int4: number;
  readonly file: string;
  readonly hiddenState: readonly (readonly number[])[];
  readonly payload: string;
  readonly decoded: readonly (readonly number[])[];
}

test('TF8: a low-rank payload is written and read as the Python side does', async () => {
  const path = new URL('../training/tests/bottleneck.json', import.meta.url);
  const fixture = JSON.parse(await readFile(path, 'utf8')) as Fixture;
  const { hidden, int8, int4, hiddenState, decoded } = fixture;
  const [file, payload] = [bytesOf(fixture.file), bytesOf(fixture.payload)];
  const listed = { path: 'bottleneck.bin', bytes: file.length, sha256: '0'.repeat(64) };
  const entry = { layer: 3, bytesPerToken: 4 + int8 + int4 / 2, int8, int4, file: listed };
  const bottleneck = parseBottleneck(file, entry, hidden);
  const tokens = hiddenState.length;
  const state = { tokens, hidden, data: Float32Array.from(hiddenState.flat()) };
  expect(hexOf(encodeHiddenState(state, bottleneck))).toBe(hexOf(payload));
  const { data } = decodeHiddenState(payload, bottleneck, tokens, hidden);
  expect([...data]).toEqual(decoded.flat().map((value) => expect.closeTo(value, 6)));
});
