import { afterEach, describe, expect, test } from 'vitest';
import { exitAt } from '../../core/exits';
import type { EarlyExit } from '../../core/ladder/ladder-tier';
import { stretchesOf, toLayer } from '../../core/layers';
import { resolvePolicy } from '../../core/policies';
import { fakeRequest } from '../../core/testing/fake-ladder';
import { fakeModelWithPolicyFiles } from '../../core/testing/fake-policy-files';
import { FakeRuntime, fakeState } from '../../core/testing/fake-runtime';
import { type FakeServer, startFakeServer } from '../testing/fake-server';
import { TestClient } from '../testing/test-client';
import { type ShadowResult, ShadowRuns } from './shadow-runs';

const { manifest, policyFiles } = fakeModelWithPolicyFiles();
const open: { close(): void | Promise<void> }[] = [];

afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

const [LEFT, RIGHT] = [
  [3, 0],
  [0, 3],
].map((of) => [...of, 0, 0, 0]);

/** A network that changes its mind at the last layer alone. */
const changing = () => new FakeRuntime({ manifest, logits: (_, layer) => (layer < 12 ? LEFT : RIGHT) ?? [] });

async function start(flags: readonly string[], runtime: FakeRuntime, said: string[]) {
  const log = (level: string, line: string) => void said.push(`${level}: ${line}`);
  const server = await startFakeServer(['--metrics', 'here', ...flags], runtime, { policyFiles, log });
  const client = await TestClient.greeted(server.url, server.manifest.hash);
  open.push(server, client);
  return { server, client };
}

async function ask(client: TestClient, samples: number): Promise<void> {
  for (let requestId = 1; requestId <= samples; requestId++) {
    const policy = { id: 'all-edge', parameters: {} };
    client.send({ type: 'infer', requestId, ...fakeRequest({ sampleKey: `sample-${requestId}`, policy }) });
    await client.next();
  }
}

async function metric({ httpUrl }: FakeServer, name: string): Promise<number | undefined> {
  const text = await (await fetch(`${httpUrl}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length));
}

describe('--shadow-share', () => {
  test('is 0 unless it is said: no layer is run that nobody asked for', async () => {
    const [runtime, said]: [FakeRuntime, string[]] = [changing(), []];
    const { server, client } = await start([], runtime, said);
    await ask(client, 3);
    expect(runtime.layersRun).toHaveLength(3 * 8);
    expect(await metric(server, 'dimee_shadow_samples_total{task="sst2",agrees="no"}')).toBeUndefined();
  });

  test('runs samples on, counts how they agree, and warns where that is less than was calibrated', async () => {
    const [runtime, said]: [FakeRuntime, string[]] = [changing(), []];
    const { server, client } = await start(['--shadow-share', '1'], runtime, said);
    const found = () => metric(server, 'dimee_shadow_samples_total{task="sst2",agrees="no"}');
    // In parts: what does not fit beside those that wait for an idle moment is left out.
    for (let part = 1; part <= 3; part++) {
      await ask(client, 20);
      await expect.poll(found).toBe(20 * part);
    }
    expect(runtime.layersRun).toHaveLength(60 * 12);
    const expected = await metric(server, 'dimee_shadow_expected_agreements_total{task="sst2"}');
    expect(expected).toBeGreaterThan(60 * 0.8);
    expect(await metric(server, 'dimee_shadow_drifts_total{task="sst2"}')).toBe(1);
    const warning = /^warn: of the last 50 of sst2 that left early, 0\.0 % say what the last layer says; \d+\.\d % did/;
    expect(said.filter((line) => line.startsWith('warn'))).toEqual([expect.stringMatching(warning)]);
  });
});

describe('shadow runs', () => {
  const { policy, parameters } = resolvePolicy({ id: 'all-edge', parameters: {} }, 12);
  const left = (task = 'sst2'): EarlyExit => ({
    task,
    decision: {
      policy,
      parameters,
      stretches: stretchesOf(policy.route, { mobileLayers: 4, edgeLayers: 8 }, 12),
    },
    enteredAfter: toLayer(4),
    answer: exitAt(toLayer(8), [3, 0], 1),
    state: fakeState(manifest, 1, toLayer(8)),
  });

  function shadowRuns(options: { isIdle?: () => boolean; share?: number; random?: () => number } = {}) {
    const results: ShadowResult[] = [];
    const runs = new ShadowRuns({
      ...{ share: 1, manifest, policyFiles, isIdle: () => true, random: () => 0, onDrift: () => undefined },
      onResult: (result) => results.push(result),
      log: () => undefined,
      ...options,
    });
    open.push(runs);
    return { runs, results };
  }

  test('wait until nobody’s sample is here, before every layer', async () => {
    let isIdle = false;
    const runtime = new FakeRuntime({ manifest, beforeLayer: (layer) => (isIdle &&= layer !== 10) });
    const { runs, results } = shadowRuns({ isIdle: () => isIdle });
    runs.offer(left(), runtime);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(runtime.layersRun).toEqual([]);
    isIdle = true;
    await expect.poll(() => runtime.layersRun).toEqual([9, 10]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(runtime.layersRun).toEqual([9, 10]);
    isIdle = true;
    await expect.poll(() => results).toHaveLength(1);
    expect(runtime.layersRun).toEqual([9, 10, 11, 12]);
  });

  test('are of a share of samples, and keep at most 32 of them', async () => {
    const draws = [0.4, 0.6, 0.4];
    const some = shadowRuns({ share: 0.5, random: () => draws.shift() ?? 1 });
    for (let samples = 0; samples < 5; samples++) some.runs.offer(left(), changing());
    await expect.poll(() => some.results).toHaveLength(2);
    const full = shadowRuns();
    for (let samples = 0; samples < 100; samples++) full.runs.offer(left(), changing());
    // One is taken at once.
    await expect.poll(() => full.results).toHaveLength(33);
  });

  test('are not of tasks without the rows that thresholds were calibrated with', async () => {
    const other = Object.keys(manifest.tasks).find((task) => task !== 'sst2') ?? '';
    const [runtime, { runs, results }] = [changing(), shadowRuns()];
    runs.offer(left(other), runtime);
    runs.offer(left(), runtime);
    await expect.poll(() => results).toHaveLength(1);
    expect([results[0]?.task, runtime.layersRun.length]).toEqual(['sst2', 4]);
  });

  test('end with the server', async () => {
    const runtime = changing();
    const { runs } = shadowRuns({ isIdle: () => false });
    runs.offer(left(), runtime);
    runs.close();
    runs.offer(left(), runtime);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(runtime.layersRun).toEqual([]);
  });
});
