import { describe, expect, test } from 'vitest';
import { errorData } from '../core/errors';
import { PAYLOAD_DTYPES } from '../core/payload/dtypes';
import { CONTENDERS } from '../core/lab/contenders';
import { ONLINE_POLICIES } from '../core/online';
import { flagOf } from '../edge-server/command-line';
import { parseManifest } from '../core/model/manifest';
import { fakeManifest, fakeManifestJson } from '../core/testing/fake-manifest';
import { HELP, optionsFor, readEvaluateOptions } from './evaluate-options';

const NEEDED = ['--task', 'sst2', '--file', 'dev.tsv'];

const read = (argv: readonly string[], layers = 12) => optionsFor(readEvaluateOptions(argv), fakeManifest({ layers }));

function failureOf(argv: readonly string[]) {
  try {
    read(argv);
    return undefined;
  } catch (error) {
    return errorData(error);
  }
}

describe('the options of evaluate', () => {
  test('have the page’s defaults', () => {
    expect(read(NEEDED)).toMatchObject({
      task: 'sst2',
      file: 'dev.tsv',
      policy: { id: 'confidence', parameters: { mobileThreshold: 0.9, edgeThreshold: 0.9, cloudThreshold: 1 } },
      plan: { mobileLayers: 4, edgeLayers: 8 },
      variant: 'q8',
      payload: 'int8',
      edgeUrl: undefined,
      limit: undefined,
      json: false,
    });
  });

  test('take the thresholds that the model brings for a task, but for those that are given', () => {
    const json = fakeManifestJson();
    const sst2 = { ...json.tasks.sst2, thresholds: { mobile: 0.715, edge: 0.645 } };
    const calibrated = parseManifest({ ...json, tasks: { ...json.tasks, sst2 } });
    const parametersOf = (argv: readonly string[]) =>
      optionsFor(readEvaluateOptions(argv), calibrated).policy.parameters;
    expect(parametersOf(NEEDED)).toEqual({ mobileThreshold: 0.715, edgeThreshold: 0.645, cloudThreshold: 1 });
    expect(parametersOf([...NEEDED, '--edge-threshold', '0.8'])).toMatchObject({
      mobileThreshold: 0.715,
      edgeThreshold: 0.8,
    });
    expect(parametersOf([...NEEDED, '--policy', 'patience'])).toEqual({ patience: expect.any(Number) });
  });

  test('take a flag for every parameter of the policy', () => {
    const thresholds = ['--mobile-threshold', '0.8', '--edge-threshold=0.7', '--cloud-threshold', '0.95'];
    const { policy } = read([...NEEDED, ...thresholds]);
    expect(policy.parameters).toEqual({ mobileThreshold: 0.8, edgeThreshold: 0.7, cloudThreshold: 0.95 });
    const patience = read([...NEEDED, '--policy', 'patience', '--patience', '3']);
    expect(patience.policy).toEqual({ id: 'patience', parameters: { patience: 3 } });
    const random = read([...NEEDED, '--policy', 'random-exit', '--probability', '0.5', '--draw', '7']);
    expect(random.policy).toEqual({ id: 'random-exit', parameters: { probability: 0.5, draw: 7 } });
  });

  test.each(ONLINE_POLICIES)('take $name, every parameter of it, a seed and passes', ({ id, parameters }) => {
    const values = Object.fromEntries(parameters.map(({ id: of, max }) => [of, max === 'layers' ? 12 : max]));
    const flags = Object.entries(values).flatMap(([of, value]) => [flagOf(of), String(value)]);
    const given = read([...NEEDED, '--policy', id, ...flags, '--seed', '7', '--passes', '3']);
    expect(given).toMatchObject({ policy: { id, parameters: values }, stream: { seed: 7, passes: 3 } });
    const { policy, stream } = read([...NEEDED, '--policy', id]);
    expect(policy.parameters).toEqual(Object.fromEntries(parameters.map((spec) => [spec.id, spec.default])));
    expect(stream).toEqual({ seed: 1, passes: 1 });
  });

  test('take a flag that several policies share, each in its own range and with its own default', () => {
    const thresholdOf = (policy: string) => read([...NEEDED, '--policy', policy]).policy.parameters;
    expect([thresholdOf('spinn').threshold, thresholdOf('splitee').threshold]).toEqual([0.9, 0.8]);
  });

  test('follow the model: its layers, and the variant it takes on this kind of machine', () => {
    const small = read([...NEEDED, '--policy', 'patience'], 3);
    expect(small).toMatchObject({ plan: { mobileLayers: 1, edgeLayers: 2 }, variant: 'q8' });
    expect(small.policy.parameters).toEqual({ patience: 3 });
    expect(() => read([...NEEDED, '--policy', 'patience', '--patience', '4'], 3)).toThrow('must be from 0 to 3, not 4');
    expect(() => read([...NEEDED, '--variant', 'q4'])).toThrow(
      'The model has no variant “q4”. Choose one of: q8, fp16.',
    );
  });

  test('take every payload', () => {
    const payloads = PAYLOAD_DTYPES.map((dtype) => read([...NEEDED, '--payload', dtype]).payload);
    expect(payloads).toEqual(PAYLOAD_DTYPES);
  });

  test('take a token of the edge from the environment, and never as it is written', () => {
    const environment = { DIMEE_TOKEN: 'a-token-of-this-test' };
    expect(readEvaluateOptions([...NEEDED], environment).tokenFile?.reveal()).toBe('a-token-of-this-test');
    expect(readEvaluateOptions([...NEEDED]).tokenFile).toBeUndefined();
    expect(() => readEvaluateOptions([...NEEDED, '--token', 'a-token-of-this-test'])).toThrow(
      /Unknown option '--token'/,
    );
  });

  test('complete the address of an edge', () => {
    const edges = ['--edge-url', 'ws://edge:8787', '--edge-url', 'wss://other'];
    expect(read([...NEEDED, ...edges]).edgeUrl).toEqual(['ws://edge:8787/v1/tier', 'wss://other/v1/tier']);
  });

  test.each([
    [['--file', 'dev.tsv'], 'BAD_CONFIGURATION', '--task must be given; it is missing. See --help.'],
    [['--task', 'sst2'], 'BAD_CONFIGURATION', 'Either --file or --sentences'],
    [[...NEEDED, '--sentences', 'a.txt'], 'BAD_CONFIGURATION', 'not both'],
    [[...NEEDED, '--policy', 'hope'], 'BAD_CONFIGURATION', '--policy must be one of confidence'],
    [[...NEEDED, '--payload', 'int3'], 'BAD_CONFIGURATION', '--payload must be one of float32, float16, int8, int4'],
    [[...NEEDED, '--mobile-threshold', 'high'], 'BAD_CONFIGURATION', '--mobile-threshold must be a number; not “high”'],
    [[...NEEDED, '--mobile-threshold', '1.5'], 'BAD_INPUT', 'Mobile threshold must be from 0 to 1, not 1.5.'],
    [[...NEEDED, '--patience', '3'], 'BAD_INPUT', 'has no parameter “patience”'],
    [
      [...NEEDED, '--policy', 'patience', '--patience', '2.5'],
      'BAD_INPUT',
      'Patience must be a whole number, not 2.5.',
    ],
    [[...NEEDED, '--seed', '2'], 'BAD_CONFIGURATION', '“confidence” does not. Leave them out.'],
    [[...NEEDED, '--policy', 'oracle', '--passes', '2'], 'BAD_CONFIGURATION', '--seed and --passes are for policies'],
    [[...NEEDED, '--policy', 'splitee', '--seed', '0'], 'BAD_CONFIGURATION', '--seed must be a whole number from 1'],
    [[...NEEDED, '--policy', 'splitee', '--passes', '101'], 'BAD_CONFIGURATION', '--passes must be a whole number'],
    [[...NEEDED, '--policy', 'splitee', '--exploration', '4'], 'BAD_INPUT', 'Exploration must be from 0 to 3, not 4.'],
    [[...NEEDED, '--policy', 'splitee', '--ramp-cost', '0.1'], 'BAD_INPUT', 'has no parameter “rampCost”'],
    [[...NEEDED, '--policy', 'splitee', '--payload', 'int8'], 'BAD_CONFIGURATION', 'do not apply to “splitee”'],
    [[...NEEDED, '--policy', 'splitee', '--timeline', 't.json'], 'BAD_CONFIGURATION', 'ways through the tiers'],
    [[...NEEDED, '--policy', 'oracle', '--edge-url', 'ws://edge'], 'BAD_CONFIGURATION', 'do not apply to “oracle”'],
    [
      ['--task', 'sst2', '--sentences', 'a.txt', '--policy', 'contextual-bandit'],
      'BAD_CONFIGURATION',
      '“contextual-bandit” is judged by the right labels, and --sentences has none. Give labelled samples with --file.',
    ],
    [[...NEEDED, '--limit', '0'], 'BAD_CONFIGURATION', '--limit must be a whole number'],
    [[...NEEDED, '--edge-url', 'localhost'], 'BAD_CONFIGURATION', '--edge-url must be an address'],
  ])('%j is refused', (argv, code, message) => {
    expect(failureOf(argv)).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('are explained, with every policy and the range of each parameter', () => {
    expect(HELP).toContain('--edge-url URL');
    expect(HELP).toMatch(/--mobile-threshold X +Mobile threshold \(confidence, fusion: 0 to 1, default 0.9/);
    expect(HELP).toMatch(/--draw X +Draw \(fixed-exit, random-exit: 1 to 9999, default 1\)/);
    const lines = HELP.split('\n').map((line) => line.replace(/ +/g, ' '));
    for (const { id, rule } of CONTENDERS) expect(lines).toContain(` ${id} ${rule}`);
  });

  test('have a flag of their own: no parameter of a policy is called like another option', () => {
    const flags = [...HELP.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, flag]) => flag);
    expect(new Set(flags).size).toBe(flags.length);
    for (const { id } of CONTENDERS.flatMap(({ parameters }) => parameters)) expect(flags).toContain(flagOf(id));
  });
});
