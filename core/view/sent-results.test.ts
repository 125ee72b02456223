import { describe, expect, it } from 'vitest';
import { defaultPlan, stretchesOf, toLayer } from '../layers';
import { fakeManifest } from '../testing/fake-manifest';
import { defaultFields, fieldTable } from './fields';
import { linkNotice, readLink, writeLink } from './link';
import { pack } from './packing';
import { MOST_SENT, packResults, sentAnswerOf, type SentResults, unpackResults } from './sent-results';

const manifest = fakeManifest();
const cascade = stretchesOf('cascade', defaultPlan(manifest.layers), manifest.layers);
const exit = { label: 1, confidence: 0.913, logits: [], probabilities: [] };
const answer = (layer: number) => {
  const sent = sentAnswerOf({ exit: { ...exit, layer: toLayer(layer) }, stretches: cascade });
  if (!sent) throw new Error('Whatever was settled has an answer.');
  return sent;
};
const RESULTS: SentResults = [answer(2), undefined, answer(7), answer(12)];

const fields = { ...defaultFields(fieldTable(manifest)), text: 'One.\nTwo.\nThree.\nFour.' };
const linkWith = (results: SentResults, of = manifest) =>
  writeLink({ fields, parameters: {}, parametersB: {}, onlineParameters: {}, results }, of);

describe('results that go with a link', () => {
  it('come back with the way they took, line by line', async () => {
    const { results, problems } = await readLink(await linkWith(RESULTS), manifest);
    expect([results, problems]).toEqual([RESULTS, []]);
    expect(results?.[2]?.way.map(({ tier, lastLayer }) => [tier, lastLayer])).toEqual([
      ['mobile', 4],
      ['edge', 7],
    ]);
  });

  it('take a few characters a line', async () => {
    const many = Array.from({ length: 1000 }, (_, line) => ({
      ...answer((line * line) % 12 || 1),
      confidence: (511 + ((line * 7919) % 490)) / 1000,
    }));
    expect((await packResults(many, manifest)).length).toBeLessThan(3000);
  });

  it('of another model, or of another version of it, are left out with a word', async () => {
    const others = [
      { ...manifest, id: 'tiny' },
      { ...manifest, hash: 'e'.repeat(64) },
    ] as const;
    const notices = [];
    for (const other of others) {
      const content = await readLink(await linkWith(RESULTS, other), manifest);
      expect([content.results, content.fields.text]).toEqual([undefined, fields.text]);
      notices.push(linkNotice(content));
    }
    expect(notices[0]).toMatch(/^The results that came with this link are of another model, tiny, and are left out/);
    expect(notices[1]).toContain('of another version of the model fake');
  });

  it('are no results without their sentences, or of a task that is not known', async () => {
    const hash = await linkWith(RESULTS);
    for (const cut of [hash.replace(/&text=[^&]*/, ''), hash.replace('task=sst2', 'task=sst3')]) {
      const content = await readLink(cut, manifest);
      expect(content.results).toBeUndefined();
      expect(linkNotice(content)).toContain('The results that came with this link cannot be read');
    }
  });

  it.each([
    ['a layer that there is not', [0, 0, 13, 0, 0, 0]],
    ['an edge that ends before the device', [5, 3, 6, 0, 0, 0]],
    ['a label that the task has not', [1, 1, 1, 2, 0, 0]],
    ['a confidence above 1', [1, 1, 1, 0, 3, 233]],
    ['half a line', [1, 1, 1]],
    ['nothing', []],
  ])('with %s are none', async (_, cells) => {
    const packed = `ffffffffffffffff-fake.${await pack(Uint8Array.from(cells))}`;
    expect(await unpackResults(packed, 'sst2', manifest)).toContain('cannot be read');
  });

  it('are refused where there are too many for a link, and never unpacked beyond that', async () => {
    const many = new Array<undefined>(MOST_SENT + 1).fill(undefined);
    await expect(packResults(many, manifest)).rejects.toThrow('too many for a link');
    const bomb = await pack(new Uint8Array(6 * (MOST_SENT + 1)));
    expect(await unpackResults(`ffffffffffffffff-fake.${bomb}`, 'sst2', manifest)).toContain('cannot be read');
  });
});
