import { describe, expect, test } from 'vitest';
import { toLayer } from '../layers';
import { hasCode } from '../errors';
import type { PayloadDtype } from '../payload/dtypes';
import { encodeTensorFrame } from './tensor-frame';
import { fakeCodecs } from '../testing/fake-codecs';
import { fakeRequest } from '../testing/fake-ladder';
import { fakeManifest } from '../testing/fake-manifest';
import { fakeState } from '../testing/fake-runtime';
import { LoopbackTier } from './loopback-tier';
import type { InferRequest, InferResult, Tier } from '../ladder/tier';

const manifest = fakeManifest();

/** A tier that keeps what it is asked and takes 30 ms by the clock. */
function stub() {
  const asked: InferRequest[] = [];
  const clock = { now: 1000 };
  const further = {
    from: 'edge',
    to: 'cloud',
    afterLayer: toLayer(8),
    bytesUp: 1,
    bytesDown: 2,
    roundTripMs: 3,
  } as const;
  const answer: InferResult = { tokens: 2, steps: [], crossings: [further], queueMs: 7 };
  const tier: Tier = {
    infer: (request) => {
      asked.push(request);
      clock.now += 30;
      return Promise.resolve(answer);
    },
  };
  const loopback = new LoopbackTier({
    from: 'mobile',
    to: 'edge',
    tier,
    codecs: fakeCodecs(manifest),
    now: () => clock.now,
  });
  return { loopback, asked, answer };
}

const never = new AbortController().signal;
const state = { tokens: 2, hidden: 3, data: Float32Array.of(0.1, -2, 3, 0.5, 0.25, -0.125) };
const atLayer5 = (payloadDtype: PayloadDtype) =>
  fakeRequest({
    priorLogits: new Array<number[]>(4).fill([0, 0]),
    input: { kind: 'hiddenState', state },
    payloadDtype,
  });

describe('LoopbackTier', () => {
  test.each([
    ['float32', 32 + 6 * 4],
    ['float16', 32 + 6 * 2],
    ['int8', 32 + 2 * (3 + 4)],
    ['int4', 32 + 2 * (2 + 2)],
  ] as const)('a hidden state as %s crosses with the %i bytes its frame would have', async (payloadDtype, bytesUp) => {
    const { loopback } = stub();
    const { crossings } = await loopback.infer(atLayer5(payloadDtype), never);
    const times = { roundTripMs: 30, encodeMs: 0 };
    expect(crossings[0]).toEqual({ from: 'mobile', to: 'edge', afterLayer: 4, bytesUp, bytesDown: 0, ...times });
    expect(encodeTensorFrame({ requestId: 1, startLayer: toLayer(5), dtype: payloadDtype, state })).toHaveLength(
      bytesUp,
    );
  });

  test.each([
    ['coded216', 4],
    ['coded96', 4],
    ['coded96', 8],
  ] as const)('TF9: %s after layer %i crosses as its frame would, as int8 without a codec', async (...given) => {
    const [payloadDtype, afterLayer] = given;
    const { loopback, asked } = stub();
    const state = fakeState(manifest, 0, toLayer(7), 3);
    const input = { kind: 'hiddenState', state } as const;
    const priorLogits = new Array<number[]>(afterLayer).fill([0, 0]);
    const { crossings } = await loopback.infer(fakeRequest({ priorLogits, input, payloadDtype }), never);
    const dtype = await fakeCodecs(manifest).dtypeAfter(toLayer(afterLayer), payloadDtype);
    const frame = encodeTensorFrame({ requestId: 1, startLayer: toLayer(afterLayer + 1), dtype, state });
    expect(crossings[0]).toMatchObject({ afterLayer, bytesUp: frame.length });
    const crossed = asked[0]?.input.kind === 'hiddenState' ? asked[0].input.state.data : undefined;
    expect(crossed?.map(Math.round)).toEqual(input.state.data);
  });

  test('puts its hop before those beyond and leaves the rest of the answer alone', async () => {
    const { loopback, answer } = stub();
    const result = await loopback.infer(atLayer5('float32'), never);
    expect(result.crossings.slice(1)).toEqual(answer.crossings);
    expect(result).toMatchObject({ tokens: 2, queueMs: 7 });
  });

  test('the other side gets the numbers the wire would bring, in memory of its own', async () => {
    const { loopback, asked } = stub();
    for (const dtype of ['float32', 'int8'] as const) await loopback.infer(atLayer5(dtype), never);
    const [exact, coarse] = asked.map(({ input }) => (input.kind === 'hiddenState' ? input.state : undefined));
    expect(exact).toEqual(state);
    expect(exact?.data.buffer).not.toBe(state.data.buffer);
    // Row 1 in steps of 3/127, row 2 in steps of 0.5/127.
    const [step, fineStep] = [3 / 127, 0.5 / 127];
    const expected = [4 * step, -85 * step, 127 * step, 127 * fineStep, 64 * fineStep, -32 * fineStep];
    expect([...(coarse?.data ?? [])]).toEqual(expected.map((value) => expect.closeTo(value, 6)));
  });

  test('a text crosses as its UTF-8 bytes, a held state as none', async () => {
    const { loopback, asked } = stub();
    const text = fakeRequest({ input: { kind: 'text', texts: ['naïve', 'b'] } });
    expect((await loopback.infer(text, never)).crossings[0]).toMatchObject({ afterLayer: 0, bytesUp: 8 });
    const held = fakeRequest({ input: { kind: 'held' }, priorLogits: [[0, 0]] });
    expect((await loopback.infer(held, never)).crossings[0]).toMatchObject({ afterLayer: 1, bytesUp: 0 });
    expect(asked).toEqual([text, held]);
  });

  test('TF5: refuses a hidden state that is not finite, as the wire would', async () => {
    const { loopback, asked } = stub();
    const broken = { tokens: 1, hidden: 3, data: Float32Array.of(0, NaN, 0) };
    const request = { ...atLayer5('float32'), input: { kind: 'hiddenState', state: broken } } as const;
    const error = await loopback.infer(request, never).catch((reason: unknown) => reason);
    expect(hasCode(error, 'BAD_FRAME')).toBe(true);
    expect(asked).toEqual([]);
  });
});
