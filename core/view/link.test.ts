import { describe, expect, it } from 'vitest';
import { onlinePolicyById } from '../online';
import { POLICIES } from '../policies';
import { fakeManifest } from '../testing/fake-manifest';
import { defaultFields, fieldTable, type Fields } from './fields';
import { linkNotice, readLink, type LinkedView, writeLink } from './link';

const manifest = fakeManifest();
const table = fieldTable(manifest);
const defaults = defaultFields(table);

/** The link of what differs from the defaults. */
function linkOf(
  fields: Partial<Fields>,
  { parameters = {}, parametersB = {}, onlineParameters = {} }: Partial<LinkedView> = {},
) {
  return writeLink({ fields: { ...defaults, ...fields }, parameters, parametersB, onlineParameters }, manifest);
}

describe('a link', () => {
  it('brings back every field and parameter it was written from', async () => {
    const fields: Fields = {
      ...defaults,
      text: 'Ünïcode, tabs\tand\nlines ✓',
      policy: 'entropy',
      mobileLayers: 1,
      edgeLayers: 2,
      mobileToCloud: 7.5,
      payload: 'float16',
      seed: 42,
      source: 'sentences',
    };
    const parameters = { mobileThreshold: 0.25, edgeThreshold: 0.4, cloudThreshold: 0 };
    const content = await readLink(await linkOf(fields, { parameters }), manifest);
    expect(content.problems).toEqual([]);
    expect({ ...defaults, ...content.fields }).toEqual(fields);
    expect(content.parameters).toEqual(parameters);
  });

  it('keeps texts out of everything but the hash, and packs them', async () => {
    const text = 'the same words again and again\n'.repeat(50);
    const link = await linkOf({ text });
    expect(link.startsWith('#v=3&')).toBe(true);
    expect(link.length).toBeLessThan(text.length / 5);
  });

  it('says what it holds where texts are too long for it', async () => {
    let state = 1;
    const noise = () => String.fromCharCode(33 + ((state = (state * 48_271) % 2_147_483_647) % 94));
    const [random, long] = [Array.from({ length: 120_000 }, noise).join(''), 'a'.repeat(1_000_001)];
    for (const text of [random, long]) {
      await expect(linkOf({ text })).rejects.toThrow(
        /a link holds 1,000,000 characters of text, compressed to 100,000\. Share fewer/,
      );
    }
  });

  it.each([
    ['#v=1&m=99', '“m”'],
    ['#v=1&m=2.5', '“m”'],
    ['#v=1&lm=NaN', '“lm”'],
    ['#v=1&lm=', '“lm”'],
    ['#v=1&task=nonsense', '“task”'],
    ['#v=1&text=%%%', '“text”'],
    ['#v=1&mobileThreshold=7', '“mobileThreshold”'],
    ['#v=1&aim=fame', '“aim”'],
    ['#v=1&loss=-1', '“loss”'],
    ['#v=1&cut=96', '“cut”'],
    ['#v=1&online=exp3', '“online”'],
    ['#v=1&stream=1.5', '“stream”'],
    ['#v=1&passes=0', '“passes”'],
    ['#v=2&b.policy=telepathy', '“b.policy”'],
    ['#v=2&b.m=13', '“b.m”'],
    ['#v=2&b.firstThreshold=7', '“b.firstThreshold” must be from 0 to 1'],
    ['#v=1&online.threshold=7', '“online.threshold” must be from 0 to 1'],
    ['#v=banana', 'version'],
    ['#v=0', 'version'],
    ['#v=1.5', 'version'],
    ['#task=nonsense', 'version'],
  ])('names what is wrong in %s and leaves it out', async (hash, named) => {
    const { problems, ...content } = await readLink(hash, manifest);
    expect(problems.join()).toContain(named);
    expect(content).toEqual({ fields: {}, parameters: {}, parametersB: {}, onlineParameters: {}, isNewer: false });
    expect(linkNotice({ ...content, problems })).toMatch(/^This link is damaged: /);
  });

  it.each(['#v=4&m=3', '#v=12&m=3&mood=blue', '#v=999999999&m=3&policy=telepathy'])(
    'of a newer version, %s, says so and brings what is known here',
    async (hash) => {
      const content = await readLink(hash, manifest);
      expect(content).toMatchObject({ fields: { mobileLayers: 3 }, isNewer: true });
      expect(linkNotice(content)).toMatch(/^This link was made with a newer version of this page\. /);
      expect(linkNotice(content)).not.toContain('damaged');
    },
  );

  it('of a newer version names what cannot be read of it', async () => {
    const notice = linkNotice(await readLink('#v=4&policy=telepathy', manifest));
    expect(notice).toContain('is left out (“policy” cannot be read).');
  });

  it('may ask for a coded payload where the model has one', async () => {
    const link = await linkOf({ payload: 'coded96' });
    expect((await readLink(link, manifest)).fields.payload).toBe('coded96');
    const { fields, problems } = await readLink(link, { ...manifest, codecs: [] });
    expect([fields.payload, problems.join()]).toEqual([undefined, '“payload” cannot be read']);
  });

  it('holds the parameters that have no slider, too', async () => {
    const link = await linkOf({ policy: 'random-exit' }, { parameters: { probability: 0.5, draw: 7 } });
    expect((await readLink(link, manifest)).parameters).toEqual({ probability: 0.5, draw: 7 });
    const { parameters, problems } = await readLink('#v=1&policy=random-exit&draw=1.5', manifest);
    expect([parameters, problems.join()]).toEqual([{}, '“draw” must be from 1 to 9999']);
  });

  it('brings back what the Lab aims at, and how a policy learns', async () => {
    const aim: Partial<Fields> = { aim: 'equalCost', costCutPercent: 72, allowedLoss: 1.2 };
    const fields = { ...aim, onlinePolicy: 'ucb-thresholds', onlineSeed: 9, passes: 4 };
    const onlineParameters = { thresholds: 7, exploration: 0.35 };
    const content = await readLink(await linkOf(fields, { onlineParameters }), manifest);
    expect(content).toMatchObject({ fields, onlineParameters, problems: [] });
  });

  it('holds no aim and nothing of learning that is as it was at first', async () => {
    const { parameters } = onlinePolicyById('splitee');
    const preset = Object.fromEntries(parameters.map((spec) => [spec.id, spec.default]));
    const both = { parameters: { mobileThreshold: 0.95 }, onlineParameters: preset };
    const keys = [...new URLSearchParams((await linkOf({ view: 'compare' }, both)).slice(1)).keys()];
    expect(keys).toEqual(['v', 'task', 'view', 'mobileThreshold']);
    const link = await linkOf({}, { onlineParameters: { ...preset, threshold: 0.6 } });
    expect(link).toMatch(/&online\.threshold=0\.6$/);
  });

  it.each([
    ['#v=1&view=playground&task=sst2', 'play'],
    ['#v=1&view=lab&task=sst2', 'compare'],
    ['#v=2&view=learn&task=sst2', 'learn'],
  ])('%s, of any version, opens at its route', async (hash, view) => {
    expect(await readLink(hash, manifest)).toMatchObject({ fields: { view }, problems: [], isNewer: false });
  });

  it('of this version knows no route of the first', async () => {
    expect((await readLink('#v=3&view=lab', manifest)).problems).toEqual(['“view” cannot be read']);
  });

  it.each([
    ['#v=1&policy=patience&patience=4', { patience: 3 }],
    ['#v=2&policy=patience&patience=1', { patience: 0 }],
    ['#v=2&policy=patience', { patience: 3 }],
    ['#v=3&policy=patience&patience=4', { patience: 4 }],
    ['#v=2&policy=patient-and-confident&patience=4', { patience: 4 }],
    ['#v=2&policy=risk-controlled', { disagreement: 0.03 }],
    ['#v=2&policy=risk-controlled&disagreement=0.05', { disagreement: 0.05 }],
    ['#v=3&policy=risk-controlled', {}],
  ])(
    '%s keeps its behaviour now that patience is counted as in the paper, and less risk is promised',
    async (hash, parameters) => {
      expect(await readLink(hash, manifest)).toMatchObject({ parameters, problems: [] });
      const ofB = hash.replace('policy=', 'b.policy=').replace(/&(patience|disagreement)=/, '&b.$1=');
      expect(await readLink(ofB, manifest)).toMatchObject({ parametersB: parameters, problems: [] });
    },
  );

  it('keeps a parameter of the two policies apart that both have', async () => {
    const link = await linkOf(
      { policy: 'spinn' },
      { parameters: { threshold: 0.55 }, onlineParameters: { threshold: 0.65 } },
    );
    expect(await readLink(link, manifest)).toMatchObject({
      parameters: { threshold: 0.55 },
      onlineParameters: { threshold: 0.65 },
    });
  });

  it('has a name of its own for each field and each parameter of a policy', () => {
    const keys = new Set(Object.values(table).map((field) => field.key));
    const taken = POLICIES.flatMap(({ parameters }) => parameters).filter(({ id }) => keys.has(id) || id === 'v');
    expect(taken).toEqual([]);
  });

  it('is silent about no link at all', async () => {
    expect(await readLink('', manifest)).toEqual({
      ...{ fields: {}, parameters: {}, parametersB: {}, onlineParameters: {} },
      ...{ isNewer: false, problems: [] },
    });
  });

  it('does not unpack a text of any size', async () => {
    const bomb = new Blob(['a'.repeat(2_000_000)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
    const bytes = new Uint8Array(await new Response(bomb).arrayBuffer());
    const packed = btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '-')
      .replaceAll('/', '_');
    expect((await readLink(`#v=1&text=${packed}`, manifest)).problems.join()).toContain('“text”');
  });
});
