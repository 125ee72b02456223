import { describe, expect, test } from 'vitest';
import { hasCode } from '../errors';
import { fakeManifest, fakeManifestJson } from '../testing/fake-manifest';
import { defaultVariantOf, RUNTIMES, parseManifest, taskExits, taskLogits, taskOf, variantOf } from './manifest';

/** The fake manifest with one field, named by its dotted path, changed. */
function withField(path: string, value: unknown): unknown {
  const manifest: unknown = structuredClone(fakeManifestJson());
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce((object, key) => Reflect.get(object as object, key) as unknown, manifest);
  if (value === undefined) Reflect.deleteProperty(parent as object, last);
  else Reflect.set(parent as object, last, value);
  return manifest;
}

const badManifest = expect.toSatisfy((error) => hasCode(error, 'BAD_MANIFEST'));
const badInput = expect.toSatisfy((error) => hasCode(error, 'BAD_INPUT'));

describe('parseManifest', () => {
  test('takes a valid manifest, and fills in traces where there are none', () => {
    const manifest = parseManifest(fakeManifestJson());
    expect(manifest).toMatchObject({ id: 'fake', layers: 12, hidden: 8, classes: 5 });
    expect(manifest.tasks.sst2?.traces).toEqual({});
  });

  test('takes a manifest with the data of policies, and one without codecs', () => {
    const file = { path: 'policies/sst2.json', bytes: 5, sha256: '0'.repeat(64) };
    expect(parseManifest(withField('tasks.sst2.policyData', file)).tasks.sst2?.policyData).toEqual(file);
    expect(parseManifest(withField('codecs', undefined)).codecs).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['format', 2],
    ['format', undefined],
    ['id', 7],
    ['hash', 'F'.repeat(64)],
    ['hash', 'f'.repeat(63)],
    ['layers', 0],
    ['layers', 1.5],
    ['hidden', '384'],
    ['maxTokens', -1],
    ['classes', undefined],
    ['tokenizer.path', 'https://elsewhere.example/tokenizer.json'],
    ['tokenizer.path', 'a file'],
    ['tokenizer.bytes', 0],
    ['tokenizer.sha256', 'abc'],
    ['variants.q8.embeddings', undefined],
    ['variants.q8.layers.3.sha256', ''],
    ['variants.q8.description', undefined],
    ['tasks.sst2.pair', 'no'],
    ['tasks.sst2.labels', ['only one']],
    ['tasks.sst2.logits', [0]],
    ['tasks.sst2.logits.1', 1.5],
    ['tasks.sst2.temperatures.4', 0],
    ['tasks.sst2.temperatures.4', 'warm'],
    ['tasks.sst2.thresholds', { mobile: 0.9 }],
    ['tasks.sst2.traces', { dev: { path: 'traces/sst2.bin' } }],
    ['tasks.sst2.policyData', { path: 'policies/sst2.json' }],
    ['codecs.0.layer', 0],
    ['codecs.0.codewords', 0],
    ['codecs.0.codewords', 4097],
    ['codecs.0.levels', 0],
    ['codecs.0.levels', 33],
    ['codecs.0.classes', undefined],
    ['codecs.0.classes', 129],
    ['codecs.0.file', 'codecs/layer-3.bin'],
    ['id', 'a model'],
    ['id', '"><script>'],
    ['tasks.sst2.metric', 'taste'],
    ['tasks.sst2.question', 7],
    ['tasks.sst2.examples', [[]]],
    ['defaultVariant.wasm', 8],
  ])('names the field that is wrong: %s = %j', (path, value) => {
    const parse = () => parseManifest(withField(path, value));
    expect(parse).toThrow(badManifest);
    expect(parse).toThrow(`not valid at “${path}`);
  });

  test.each([null, undefined, 'manifest', 12, []])('refuses %j, which is no manifest at all', (value) => {
    expect(() => parseManifest(value)).toThrow(badManifest);
    expect(() => parseManifest(value)).not.toThrow('“null”');
  });

  test('refuses a variant that lacks layers', () => {
    const parse = () =>
      parseManifest(withField('variants.fp16.layers', fakeManifestJson().variants.fp16.layers.slice(1)));
    expect(parse).toThrow(badManifest);
    expect(parse).toThrow('Variant “fp16” lists 11 of 12 layers.');
  });

  test('refuses a task that lacks temperatures', () => {
    const parse = () => parseManifest(withField('tasks.mnli.temperatures', [1, 1]));
    expect(parse).toThrow(badManifest);
    expect(parse).toThrow('Task “mnli” has 2 of 12 temperatures.');
  });

  test('refuses examples of another number of texts', () => {
    const parse = () => parseManifest(withField('tasks.mnli.examples', [['one text']]));
    expect(parse).toThrow(badManifest);
    expect(parse).toThrow('Examples of task “mnli” must have two texts each.');
  });

  test('refuses a model without variants, and a default that it does not list', () => {
    expect(() => parseManifest(withField('variants', {}))).toThrow('The model has no variant.');
    const parse = () => parseManifest(withField('defaultVariant', { wasm: 'q4' }));
    expect(parse).toThrow(badManifest);
    expect(parse).toThrow('On wasm the model takes a variant “q4”, which it does not list.');
  });

  test.each([
    [12, 'The codec after layer 12 cannot be: the model has 12 layers.'],
    [4, 'The model has more than one codec after layer 4.'],
  ])('refuses a codec after layer %i', (layer, message) => {
    const parse = () => parseManifest(withField('codecs.0.layer', layer));
    expect(parse).toThrow(badManifest);
    expect(parse).toThrow(message);
  });

  test.each([
    ['more logits than labels', [0, 3]],
    ['fewer logits than labels', [0, 1]],
    ['logits before the first', [-1, 1]],
    ['logits after the last', [4, 6]],
    ['logits backwards', [2, 0]],
  ])('refuses a task that takes %s', (_, logits) => {
    const parse = () => parseManifest(withField('tasks.sst2.logits', logits));
    expect(parse).toThrow(badManifest);
    expect(parse).toThrow(`Task “sst2” takes logits ${logits[0]} to ${logits[1]}`);
  });
});

describe('what a manifest is asked for', () => {
  const manifest = fakeManifest();

  test('finds tasks and variants by name', () => {
    expect(taskOf(manifest, 'mnli').labels).toHaveLength(3);
    expect(variantOf(manifest, 'q8').layers[11]?.path).toBe('q8/layer-12.onnx');
  });

  test('names the variant of each runtime, and the first where it says nothing', () => {
    const names = RUNTIMES.map((runtime) => defaultVariantOf(manifest, runtime));
    expect(names).toEqual(['q8', 'fp16', 'q8']);
    const silent = parseManifest(withField('defaultVariant', undefined));
    expect(RUNTIMES.map((runtime) => defaultVariantOf(silent, runtime))).toEqual(['q8', 'q8', 'q8']);
  });

  test.each(['poetry', '', 'constructor', 'toString', '__proto__'])('has no task and no variant “%s”', (id) => {
    expect(() => taskOf(manifest, id)).toThrow(badInput);
    expect(() => taskOf(manifest, id)).toThrow('Choose one of: sst2, mnli.');
    expect(() => variantOf(manifest, id)).toThrow(badInput);
    expect(() => variantOf(manifest, id)).toThrow('Choose one of: q8, fp16.');
  });

  test('cuts the task’s own logits out of those of all classes', () => {
    const all = Float32Array.of(1, 2, 3, 4, 5);
    expect(taskLogits(taskOf(manifest, 'sst2'), all)).toEqual([1, 2]);
    expect(taskLogits(taskOf(manifest, 'mnli'), all)).toEqual([3, 4, 5]);
  });

  test('calibrates each exit with its own temperature', () => {
    const task = { ...taskOf(manifest, 'sst2'), temperatures: [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] };
    const logits = [0, Math.log(9)];
    const exits = taskExits(task, [logits, logits]);
    expect(exits.map((exit) => exit.confidence)).toEqual([expect.closeTo(0.9, 12), expect.closeTo(0.75, 12)]);
  });
});
