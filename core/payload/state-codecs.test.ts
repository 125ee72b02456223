import { describe, expect, test, vi } from 'vitest';
import { toLayer } from '../layers';
import { fakeCodecFile, fakeCodecs } from '../testing/fake-codecs';
import { fakeManifest } from '../testing/fake-manifest';
import { isCoded, PAYLOAD_DTYPES, PLAIN_DTYPES, codedLayers, payloadsOf } from './dtypes';
import type { ModelFile } from '../model/manifest';
import { StateCodecs, NO_CODECS } from './state-codecs';

const manifest = fakeManifest();
const [entry = expect.fail()] = manifest.codecs;

describe('how a hidden state crosses', () => {
  test.each(PLAIN_DTYPES)('%s needs no codec', async (dtype) => {
    expect(await NO_CODECS.dtypeAfter(toLayer(4), dtype)).toBe(dtype);
  });

  test.each([
    [4, 'coded216', { layer: 4, bytesPerToken: 216, fingerprint: 0xc4000000 }],
    [6, 'coded96', { layer: 6, bytesPerToken: 96, fingerprint: 0xc6000000 }],
  ] as const)('after layer %i, %s goes through the codec of that layer', async (layer, dtype, expected) => {
    expect(await fakeCodecs(manifest).dtypeAfter(toLayer(layer), dtype)).toMatchObject(expected);
  });

  test.each([2, 7, 8])('after layer %i, which has none, coded gives way to int8', async (layer) => {
    expect(await fakeCodecs(manifest).dtypeAfter(toLayer(layer), 'coded96')).toBe('int8');
    expect(await NO_CODECS.dtypeAfter(toLayer(4), 'coded96')).toBe('int8');
  });
});

describe('the files of codecs', () => {
  const reader = () =>
    vi.fn<(file: ModelFile) => Promise<Uint8Array>>(() => Promise.resolve(fakeCodecFile(entry, manifest.hidden)));

  test('are read once, when they are first needed', async () => {
    const readFile = reader();
    const codecs = new StateCodecs(manifest, readFile);
    expect(readFile).not.toHaveBeenCalled();
    expect(codecs.get(toLayer(3))).toBeUndefined();
    const dtypes = await Promise.all(
      PAYLOAD_DTYPES.filter(isCoded).map((dtype) => codecs.dtypeAfter(toLayer(3), dtype)),
    );
    expect(dtypes).toEqual([216, 96].map((bytesPerToken) => ({ ...codecs.get(toLayer(3)), bytesPerToken })));
    expect(readFile.mock.calls).toEqual([[entry.file]]);
  });

  test('that could not be read are tried again', async () => {
    const readFile = reader().mockRejectedValueOnce(new Error('gone'));
    const codecs = new StateCodecs(manifest, readFile);
    await expect(codecs.dtypeAfter(toLayer(3), 'coded216')).rejects.toThrow('gone');
    expect(await codecs.dtypeAfter(toLayer(3), 'coded216')).toMatchObject({ layer: 3 });
  });

  test('are all read at once, the whole ones also where one is damaged', async () => {
    const whole = fakeCodecs(manifest);
    await whole.loadAll();
    expect(manifest.codecs.every(({ layer }) => whole.get(layer))).toBe(true);
    const readFile = reader().mockRejectedValueOnce(new Error('gone'));
    const codecs = new StateCodecs({ ...manifest, codecs: [entry, { ...entry, layer: toLayer(4) }] }, readFile);
    await expect(codecs.loadAll()).rejects.toThrow('gone');
    expect([codecs.get(toLayer(3)), codecs.get(toLayer(4))]).toEqual([undefined, expect.anything()]);
  });
});

test('a model offers coded payloads where it has a codec', () => {
  expect(payloadsOf(manifest)).toEqual(PAYLOAD_DTYPES);
  expect(payloadsOf({ codecs: [] })).toEqual(PLAIN_DTYPES);
  expect(payloadsOf({ codecs: [entry] })).toEqual(PAYLOAD_DTYPES);
  expect(codedLayers(manifest)).toEqual([3, 4, 5, 6]);
});
