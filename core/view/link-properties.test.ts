import { expect, it } from 'vitest';
import { taskOf } from '../model/manifest';
import { NETWORKS } from '../network/profiles';
import { ONLINE_POLICIES, onlinePolicyById } from '../online';
import {
  type ParameterSpec,
  defaultParameters,
  parametersOf,
  POLICIES,
  policyById,
  type PolicyParameters,
} from '../policies';
import { payloadsOf } from '../payload/dtypes';
import { fakeManifest } from '../testing/fake-manifest';
import { type Random, randomInt, randomItem, seededRandom } from '../testing/random';
import {
  defaultFields,
  type Fields,
  fieldTable,
  type NumberField,
  PANELS,
  SOURCES,
  STREAM_CHANGES,
  VIEWS,
} from './fields';
import { type LinkedView, readLink, writeLink } from './link';
import { presetParameters } from './preset-parameters';
import type { SentResults } from './sent-results';
import { lastLayerOf, layerAfter, toLayer, type TierName } from '../layers';

const manifest = fakeManifest();
const table = fieldTable(manifest);
const ids = (things: readonly { readonly id: string }[]) => things.map(({ id }) => id);

/** What each field that is no number may be. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  task: Object.keys(manifest.tasks),
  policy: ids(POLICIES),
  policyB: ids(POLICIES),
  payload: payloadsOf(manifest),
  backend: ['auto', 'wasm', 'webgpu'],
  variant: ['auto', ...Object.keys(manifest.variants)],
  source: SOURCES,
  view: VIEWS,
  panel: PANELS,
  curves: ['', 'confidence', 'patience,entropy,oracle'],
  aim: ['allowedLoss', 'equalCost'],
  onlinePolicy: ids(ONLINE_POLICIES),
  streamChange: STREAM_CHANGES,
  network: NETWORKS,
  layerTimes: ['measured', 'set'],
};

/** Letters, signs of addresses, what stands on two code units, and what is none of these. */
const SIGNS = [...'abc XYZ09\t\n"<>&#=%+-_/?é中', '😀', '\u202e', '\u0000'];

function randomText(random: Random, mostSigns: number): string {
  return Array.from({ length: randomInt(random, 0, mostSigns) }, () => randomItem(random, SIGNS)).join('');
}

function randomNumber(random: Random, { min, max, step }: Pick<NumberField, 'min' | 'max' | 'step'>): number {
  return Math.min(min + randomInt(random, 0, Math.floor((max - min) / step)) * step, max);
}

function randomParameters(random: Random, specs: readonly ParameterSpec[]): PolicyParameters {
  return Object.fromEntries(specs.map((spec) => [spec.id, randomNumber(random, spec)]));
}

/** Answers of a run, on every way there is, and lines without one. */
function randomResults(random: Random, labels: number): SentResults {
  return Array.from({ length: randomInt(random, 1, 40) }, () => {
    if (random() < 0.2) return undefined;
    const end = randomInt(random, 1, manifest.layers);
    const [mobile = 0, edge = 0] = [randomInt(random, 0, end), randomInt(random, 0, end)].sort((a, b) => a - b);
    const stretch = (tier: TierName, before: number, last: number) =>
      last > before ? [{ tier, firstLayer: layerAfter(toLayer(before)), lastLayer: toLayer(last) }] : [];
    const way = [...stretch('mobile', 0, mobile), ...stretch('edge', mobile, edge), ...stretch('cloud', edge, end)];
    return { way, label: randomInt(random, 0, labels - 1), confidence: randomInt(random, 0, 1000) / 1000 };
  });
}

function randomView(random: Random): LinkedView {
  const entries = Object.entries(table).map(([name, field]) => {
    if (name === 'text') return [name, randomText(random, 200)] as const;
    if ('step' in field) return [name, randomNumber(random, field)] as const;
    return [name, randomItem(random, CHOICES[name] ?? [])] as const;
  });
  const fields = Object.fromEntries<string | number>(entries) as unknown as Fields;
  const hasResults = fields.text !== '' && random() < 0.5;
  return {
    fields,
    parameters: randomParameters(random, parametersOf(policyById(fields.policy), manifest.layers)),
    parametersB: randomParameters(random, parametersOf(policyById(fields.policyB), manifest.layers)),
    onlineParameters: randomParameters(random, parametersOf(onlinePolicyById(fields.onlinePolicy), manifest.layers)),
    ...(hasResults && { results: randomResults(random, taskOf(manifest, fields.task).labels.length) }),
  };
}

/** The hash after one thing that happens to addresses on their way, or that somebody tries. */
function corrupted(random: Random, hash: string): string {
  const [from, to] = [randomInt(random, 0, hash.length), randomInt(random, 0, hash.length)].sort((a, b) => a - b);
  const [head, middle, tail] = [hash.slice(0, from), hash.slice(from, to), hash.slice(to)];
  return randomItem(random, [
    head,
    tail,
    head + tail,
    head + middle + middle + tail,
    head + randomText(random, 12) + tail,
    hash.toLowerCase(),
    hash.replaceAll('&', '&amp;'),
    hash.replaceAll('=', '=-'),
    hash.replaceAll(/\d+/g, () => randomItem(random, ['NaN', '1e999', '-0', '', '٣', '0x10'])),
    encodeURIComponent(hash),
  ]);
}

it('1,000 views are what they were after the way through a link, and write the same link again', async () => {
  const random = seededRandom(18);
  for (let trial = 0; trial < 1000; trial++) {
    const view = randomView(random);
    const hash = await writeLink(view, manifest);
    const { problems, isNewer, ...content } = await readLink(hash, manifest);
    const read = { ...content, fields: { ...defaultFields(table), ...content.fields } };
    expect({ ...read, problems, isNewer }).toEqual({
      ...view,
      parametersB: differing(
        view.parametersB,
        presetParameters(policyById(view.fields.policyB), view.fields.task, manifest),
      ),
      onlineParameters: differing(
        view.onlineParameters,
        defaultParameters(onlinePolicyById(view.fields.onlinePolicy), manifest.layers),
      ),
      problems: [],
      isNewer: false,
    });
    expect(await writeLink(read, manifest)).toBe(hash);
  }
});

it('1,000 corrupted links are read without an exception, and bring what is valid alone', async () => {
  const random = seededRandom(2);
  for (let trial = 0; trial < 1000; trial++) {
    const hash = corrupted(random, await writeLink(randomView(random), manifest));
    const { fields, parameters, parametersB, onlineParameters, results = [] } = await readLink(hash, manifest);
    const labels = fields.task === undefined ? 0 : taskOf(manifest, fields.task).labels.length;
    for (const { way, label, confidence } of results.filter((answer) => answer !== undefined)) {
      expect([label < labels, confidence <= 1, lastLayerOf(way) <= manifest.layers]).toEqual([true, true, true]);
    }
    for (const [name, value] of Object.entries(fields)) {
      expect(table[name as keyof Fields].parse(String(value)), `${name} in ${hash}`).toBe(value);
    }
    const numbers = [parameters, parametersB, onlineParameters].flatMap((values) => Object.values(values));
    expect(numbers.filter((value) => !Number.isFinite(value))).toEqual([]);
  }
});

/** Links of every version that was ever written: they open for as long as there is this page. */
it.each([
  '#v=1&task=sst2&policy=patience&m=2&n=6&lm=0.4&payload=float16&patience=3',
  '#v=1&task=mnli&text=8yxRKErMzCtWSMxLUcgsUSjILy0q1uP0LFHILFYoTy3RAwA&show=sentences&mobileThreshold=0.7&edgeThreshold=0.6&cloudThreshold=0',
  '#v=1&task=sst2&view=lab&curves=patience&aim=equalCost&cut=72&online=i-splitee&stream=9&passes=4&online.rampCost=0.35',
  '#v=1&task=sst2&net=custom&rtt=450&up=2.5&down=8&jitter=20&backbone=30&times=set&tm=9.5&te=3&tc=1.5',
  '#v=2&task=mnli&view=compare&panel=network&curves=patience&net=3g',
  '#v=2&task=mnli&view=compare&b.policy=patience&b.m=2&b.n=6&b.patience=3',
  '#v=3&task=mnli&view=compare&policy=patience&patience=0&b.policy=risk-controlled&b.disagreement=0.02',
])('%s opens', async (hash) => {
  const { problems, fields } = await readLink(hash, manifest);
  expect(problems).toEqual([]);
  expect(Object.keys(fields).length).toBeGreaterThan(2);
});

/** A link leaves out what B and an online policy have where nobody has moved anything. */
function differing(parameters: PolicyParameters, presets: PolicyParameters): PolicyParameters {
  return Object.fromEntries(Object.entries(parameters).filter(([id, value]) => presets[id] !== value));
}
