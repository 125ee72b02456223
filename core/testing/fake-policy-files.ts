import { type Manifest, parseManifest } from '../model/manifest';
import type { Fitted } from '../policies/fitted';
import { EXIT_FEATURES, type PolicyData, QUANTILES } from '../policies/policy-data';
import { ALL_FITTED } from '../policies/needs';
import { PolicyFiles } from '../trace/policy-files';
import type { Trace } from '../trace/trace-file';
import { encodeTrace } from '../trace/trace-writer';
import { fakeManifestJson } from './fake-manifest';
import { randomInt, randomLogits, seededRandom } from './random';

/** Numbers for the fake model's `sst2` that nobody fitted, but of the right shape; a test changes what it looks at. */
export function fakePolicyData(changes: Partial<PolicyData> = {}): PolicyData {
  const { layers, hidden } = fakeManifestJson();
  const random = seededRandom(25);
  const vectors = (count: number, length: number) =>
    Array.from({ length: count }, () => Array.from({ length }, () => random() - 0.5));
  /** Apart enough for samples of the fake runtime to be nearest to different ones. */
  const centroids = () => vectors(3, hidden).map(([first = 0, ...more], pool) => [first + 3 * pool, ...more]);
  const pools = () => ({ centroids: centroids(), shares: [0.5, 0.3, 0.2] });
  return {
    format: 1,
    task: 'sst2',
    rows: 500,
    pools: { dimee: pools(), dimecDc: pools() },
    learnedExit: { features: [...EXIT_FEATURES], weights: vectors(layers, EXIT_FEATURES.length + 1) },
    /** Falling with confidence, as fitted ones do. */
    expectedLosses: vectors(layers - 1, 4).map(([a = 0, b = 0, c = 0, d = 0]) => ({
      changes: { weight: a - 1, bias: b },
      lastIsRight: { weight: c - 0.5, bias: d + 1 },
    })),
    quantiles: vectors(layers, QUANTILES).map((row) => row.map((value) => 0.75 + value / 2).sort((a, b) => a - b)),
    errorRates: Array.from({ length: layers }, (_, index) => 0.4 - index / 40),
    ...changes,
  };
}

/** Fitted to such numbers alone. */
export function withData(changes: Partial<PolicyData>): Fitted {
  return { data: fakePolicyData(changes) };
}

/** A calibration split of `sst2` whose exits agree more and more with the last one, and grow surer. */
export function fakeCalibration(rows = 500): Trace {
  const { layers } = fakeManifestJson();
  const random = seededRandom(22);
  const logits = Array.from({ length: rows }, () => {
    const label = randomInt(random, 0, 1);
    return Array.from({ length: layers }, (_, index) =>
      randomLogits(random, 2, 2).map((noise, of) => (of === label ? noise + index / 2 : noise)),
    );
  });
  return {
    ...{ task: 'sst2', split: 'calibration', model: 'fake', rows, layers, classes: 2, isLabelled: true },
    logits: Float32Array.from(logits.flat(2)),
    gold: new Uint8Array(rows),
    tokens: new Uint16Array(rows).fill(4),
  };
}

/** The fake model with files for the policies of `sst2`, and how often each was read. */
export function fakeModelWithPolicyFiles(data: unknown = fakePolicyData(), calibration = fakeCalibration()) {
  const json = fakeManifestJson();
  const file = (path: string) => ({ path, bytes: 1, sha256: '0'.repeat(64) });
  const sst2 = { ...json.tasks.sst2, policyData: file('policies'), traces: { calibration: file('calibration') } };
  const manifest: Manifest = parseManifest({ ...json, tasks: { ...json.tasks, sst2 } });
  const bytes = new Map([
    ['policies', new TextEncoder().encode(JSON.stringify(data))],
    ['calibration', encodeTrace(calibration)],
  ]);
  const reads: string[] = [];
  const policyFiles = new PolicyFiles(manifest, ({ path }) => {
    reads.push(path);
    const found = bytes.get(path);
    return found ? Promise.resolve(found) : Promise.reject(new Error(`no file ${path}`));
  });
  return { manifest, policyFiles, reads };
}

/** All that a policy can be fitted to, of the fake model's `sst2`. */
export function fakeFitted(): Promise<Fitted> {
  return fakeModelWithPolicyFiles().policyFiles.fittedFor(ALL_FITTED, 'sst2');
}
