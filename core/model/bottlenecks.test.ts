import { describe, expect, test, vi } from 'vitest';
import { fakeBottleneckFile, fakeBottlenecks } from '../testing/fake-bottlenecks';
import { fakeManifest } from '../testing/fake-manifest';
import { Bottlenecks, lowRankLayers, NO_BOTTLENECKS, payloadsOf } from './bottlenecks';
import { PAYLOAD_DTYPES, PLAIN_DTYPES } from './hidden-state';
import type { ModelFile } from './manifest';

const manifest = fakeManifest();
const [entry = expect.fail()] = manifest.bottlenecks;

describe('how a hidden state crosses', () => {
  test.each(PLAIN_DTYPES)('%s needs no bottleneck', async (dtype) => {
    expect(await NO_BOTTLENECKS.dtypeAfter(4, dtype)).toBe(dtype);
  });

  test.each([
    [4, 'lowRank216', { layer: 4, bytesPerToken: 216, int8: 8, int4: 408, fingerprint: 0x42160000 }],
    [6, 'lowRank96', { layer: 6, bytesPerToken: 96, int8: 2, int4: 180, fingerprint: 0x69600000 }],
  ] as const)(
    'after layer %i, %s goes through the bottleneck of that layer and size',
    async (layer, dtype, expected) => {
      expect(await fakeBottlenecks(manifest).dtypeAfter(layer, dtype)).toMatchObject(expected);
    },
  );

  test.each([2, 7, 8])('after layer %i, which has none, low-rank gives way to int8', async (layer) => {
    expect(await fakeBottlenecks(manifest).dtypeAfter(layer, 'lowRank96')).toBe('int8');
    expect(await NO_BOTTLENECKS.dtypeAfter(4, 'lowRank96')).toBe('int8');
  });
});

describe('the files of bottlenecks', () => {
  const reader = () =>
    vi.fn<(file: ModelFile) => Promise<Uint8Array>>(() => Promise.resolve(fakeBottleneckFile(entry, manifest.hidden)));

  test('are read once, when they are first needed', async () => {
    const readFile = reader();
    const bottlenecks = new Bottlenecks(manifest, readFile);
    expect(readFile).not.toHaveBeenCalled();
    expect(bottlenecks.get(3, 216)).toBeUndefined();
    const [one, other] = await Promise.all([1, 2].map(() => bottlenecks.dtypeAfter(3, 'lowRank216')));
    expect(one).toBe(other);
    expect(bottlenecks.get(3, 216)).toBe(one);
    expect(readFile.mock.calls).toEqual([[entry.file]]);
  });

  test('that could not be read are tried again', async () => {
    const readFile = reader().mockRejectedValueOnce(new Error('gone'));
    const bottlenecks = new Bottlenecks(manifest, readFile);
    await expect(bottlenecks.dtypeAfter(3, 'lowRank216')).rejects.toThrow('gone');
    expect(await bottlenecks.dtypeAfter(3, 'lowRank216')).toMatchObject({ layer: 3 });
  });

  test('are all read at once, the whole ones also where one is damaged', async () => {
    const whole = fakeBottlenecks(manifest);
    await whole.loadAll();
    expect(manifest.bottlenecks.every(({ layer, bytesPerToken }) => whole.get(layer, bytesPerToken))).toBe(true);
    const readFile = reader().mockRejectedValueOnce(new Error('gone'));
    const bottlenecks = new Bottlenecks({ ...manifest, bottlenecks: [entry, { ...entry, layer: 4 }] }, readFile);
    await expect(bottlenecks.loadAll()).rejects.toThrow('gone');
    expect([bottlenecks.get(3, 216), bottlenecks.get(4, 216)]).toEqual([undefined, expect.anything()]);
  });
});

test('a model offers the low-rank payloads that it has a bottleneck for', () => {
  expect(payloadsOf(manifest)).toEqual(PAYLOAD_DTYPES);
  expect(payloadsOf({ bottlenecks: [] })).toEqual(PLAIN_DTYPES);
  expect(payloadsOf({ bottlenecks: [entry] })).toEqual([...PLAIN_DTYPES, 'lowRank216']);
  expect(lowRankLayers(manifest, 'lowRank96')).toEqual([3, 4, 5, 6]);
});
