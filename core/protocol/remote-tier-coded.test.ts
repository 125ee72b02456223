import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { toLayer } from '../layers';
import { DimeeError, isAbort } from '../errors';
import { fakeCodecs } from '../testing/fake-codecs';
import { fakeManifest } from '../testing/fake-manifest';
import { fakeState } from '../testing/fake-runtime';
import { decodeTensorFrame } from './tensor-frame';
import { afterMobile, connected, pass, text } from '../testing/dial';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('TF9: a coded payload', () => {
  const coded = { ...afterMobile, payloadDtype: 'coded96' } as const;
  const codecs = fakeCodecs(fakeManifest());
  const sentFrames = ({ connections }: Awaited<ReturnType<typeof connected>>) =>
    (connections[0]?.client.sent ?? []).filter((message) => typeof message !== 'string');

  test('goes through the codec of the layer, once that has been read', async () => {
    const link = await connected(8, { codecs });
    link.infer(coded);
    expect(link.sentIds()).toEqual([]);
    await pass();
    const [frame] = sentFrames(link);
    const { dtype, state } = decodeTensorFrame(frame as Uint8Array, codecs);
    expect(dtype).toBe(codecs.get(toLayer(4)));
    expect(state.data.map(Math.round)).toEqual(fakeState(fakeManifest(), 1, toLayer(4), 3).data);
    expect(frame?.length).toBeLessThanOrEqual(32 + 3 * 96);
    link.tier.close();
  });

  test.each([
    ['after a layer without one', 8, { codecs }],
    ['without any', 4, {}],
  ])('%s crosses as int8, and its infer still names what was chosen', async (_, afterLayer, options) => {
    const link = await connected(8, options);
    link.infer({ ...coded, priorLogits: new Array<number[]>(afterLayer).fill([0.5, 0]) });
    await pass();
    expect(decodeTensorFrame(sentFrames(link)[0] as Uint8Array).dtype).toBe('int8');
    const infer = link.connections[0]?.client.sentMessages.find(({ type }) => type === 'infer');
    expect(infer).toMatchObject({ payloadDtype: 'coded96' });
    link.tier.close();
  });

  test('needs no codec for a text or a state that is held there', async () => {
    const dtypeAfter = vi.fn(() => Promise.reject(new Error('not asked')));
    const link = await connected(8, { codecs: { dtypeAfter } });
    link.infer({ ...text(), payloadDtype: 'coded96' });
    link.infer({ ...coded, input: { kind: 'held' } });
    expect(link.sentIds()).toHaveLength(2);
    expect(dtypeAfter).not.toHaveBeenCalled();
    link.tier.close();
  });

  test('fails with its codec, alone', async () => {
    const gone = new DimeeError('MODEL_UNAVAILABLE', 'The codec cannot be fetched.');
    const link = await connected(8, { codecs: { dtypeAfter: () => Promise.reject(gone) } });
    const [failing, other] = [link.infer(coded), link.infer()];
    await pass();
    expect(failing.error).toBe(gone);
    expect(link.sentIds()).toHaveLength(1);
    link.reply(link.sentIds()[0] ?? 0);
    await pass();
    expect(other.result).toBeDefined();
    link.tier.close();
  });

  test('that waits for its codec is stopped and timed out as any other', async () => {
    const link = await connected(8, { codecs: { dtypeAfter: () => new Promise(() => undefined) } });
    const stop = new AbortController();
    const [stopped, late] = [link.infer(coded, stop.signal), link.infer({ ...coded, deadlineMs: 500 })];
    stop.abort();
    await pass();
    expect(isAbort(stopped.error)).toBe(true);
    await pass(600);
    expect(late.error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(link.sentIds()).toEqual([]);
    link.tier.close();
  });

  test('that is stopped while its codec is read is not sent when it is there', async () => {
    const link = await connected(8, { codecs });
    const stop = new AbortController();
    link.infer(coded, stop.signal);
    stop.abort();
    await pass();
    expect(link.sentIds()).toEqual([]);
    link.tier.close();
  });
});
