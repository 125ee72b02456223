import { afterEach, describe, expect, test } from 'vitest';
import { fakeRequest } from '../../core/testing/fake-ladder';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { FakeRuntime } from '../../core/testing/fake-runtime';
import { type FakeServer, startFakeServer } from '../../edge-server/testing/fake-server';
import { DEFAULT_MODEL_FOLDER } from '../../edge-server/configuration';
import { ModelFolder } from '../../edge-server/model-folder';
import { openSocket } from '../../edge-server/web-socket';
import { arrivalsOf } from './arrivals';
import { findCapacity } from './capacity';
import { drawLengths, readLengths } from './lengths';
import { LoadClient } from './load-client';
import { readLoadOptions } from './load-options';
import { type LoadReport, reportOn } from './load-report';
import { drawRecordedRows } from '../../core/trace/recorded-rows';
import { type Asked, DECIDED_ON_DEVICE, runLoad } from './run-load';
import { type LoadSample, textsOf } from './samples';

const open: FakeServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function start(flags: readonly string[] = [], runtime?: FakeRuntime): Promise<FakeServer> {
  const server = await startFakeServer(flags, runtime);
  open.push(server);
  return server;
}

const manifest = fakeManifest();
const hello = { modelHash: manifest.hash, variant: 'q8', client: 'load' };
const SAMPLE: LoadSample = { request: fakeRequest({ policy: { id: 'all-edge', parameters: {} } }), frame: undefined };

describe('Arrivals', () => {
  const options = { rate: 100, seconds: 20, clients: 10, seed: 7 };

  test.each(['poisson', 'steady'] as const)(
    'that are %s come in order, at the rate asked for, from every client',
    (kind) => {
      const arrivals = arrivalsOf({ ...options, kind });
      expect(arrivals.length).toBeGreaterThan(1800);
      expect(arrivals.length).toBeLessThan(2200);
      expect(arrivals.map(({ atMs }) => atMs)).toEqual(arrivals.map(({ atMs }) => atMs).sort((a, b) => a - b));
      expect(new Set(arrivals.map(({ client }) => client)).size).toBe(10);
      expect(arrivals).toEqual(arrivalsOf({ ...options, kind }));
    },
  );

  test('that are steady have equal gaps of each client', () => {
    const own = arrivalsOf({ ...options, kind: 'steady' }).filter(({ client }) => client === 3);
    const gaps = own.slice(1).map(({ atMs }, index) => Math.round(atMs - (own[index]?.atMs ?? 0)));
    expect(new Set(gaps)).toEqual(new Set([100]));
  });
});

describe('Lengths', () => {
  test.each([
    ['glue', 'glue'],
    ['20', { from: 20, to: 20 }],
    ['8-64', { from: 8, to: 64 }],
    ['64-8', undefined],
    ['2', undefined],
    ['8-1000', undefined],
    ['long', undefined],
  ])('%s', (text, lengths) => expect(readLengths(text)).toEqual(lengths));

  test('of a range are all within it, and differ', async () => {
    const drawn = await drawLengths({ from: 8, to: 12 }, 200, 1, { traces: [], folder: '' });
    expect([...new Set(drawn)].sort((a, b) => a - b)).toEqual([8, 9, 10, 11, 12]);
  });

  test('are those of the texts, of a pair together', () => {
    expect(textsOf(10, 3, false).map((text) => text.split(' ').length)).toEqual([8]);
    expect(textsOf(10, 3, true).map((text) => text.split(' ').length)).toEqual([4, 3]);
  });
});

describe('Recorded rows', () => {
  test('leave where their policy let them, tasks in turn', async () => {
    const model = await ModelFolder.open(DEFAULT_MODEL_FOLDER);
    const plan = { mobileLayers: 4, edgeLayers: 8 };
    const leavingAt = (threshold: number) => () => ({
      id: 'confidence',
      parameters: { mobileThreshold: threshold, edgeThreshold: threshold, cloudThreshold: threshold },
    });
    const drawn = (threshold: number) =>
      drawRecordedRows(model, 60, { tasks: ['sst2', 'rte'], policyOf: leavingAt(threshold), plan, seed: 3 });
    const rows = await drawn(0.9);
    expect(rows.slice(0, 3).map(({ task }) => task)).toEqual(['sst2', 'rte', 'sst2']);
    expect(new Set((await drawn(1)).map(({ exitLayer }) => exitLayer))).toEqual(new Set([12]));
    const mean = (of: typeof rows) => of.reduce((sum, { exitLayer }) => sum + exitLayer, 0) / of.length;
    expect(mean(rows)).toBeLessThan(mean(await drawn(0.99)));
    expect(rows.every(({ tokens }) => tokens > 2 && tokens <= 128)).toBe(true);
  });
});

describe('A report', () => {
  const asked = (client: number, latencyMs: number, error?: string): Asked => ({
    client,
    latencyMs,
    lateMs: 0,
    outcome: error === undefined ? { error, layer: 5, tier: 'edge', computeMs: 1 } : { error },
  });
  const plan = { connections: 2, rate: 2, seconds: 2, deadlineMs: 100 };

  test('counts what was in time, what was not answered and why, and where samples left', () => {
    const report = reportOn({
      plan,
      opened: 2,
      onDevice: 0,
      asked: [asked(0, 50), asked(0, 60), asked(1, 150), asked(1, 1, 'OVERLOADED')],
    });
    expect(report).toMatchObject({ offered: 4, answered: 3, offeredPerS: 2, throughputPerS: 1.5, goodputPerS: 1 });
    expect(report).toMatchObject({
      p50Ms: 60,
      errors: { OVERLOADED: 1 },
      exits: { layers: { 5: 3 }, tiers: { edge: 3 } },
    });
    expect(report.fairness).toBe(0.5);
  });

  test('of nothing says so', () => {
    const report = reportOn({ plan, opened: 0, onDevice: 3, asked: [asked(0, 1, 'NOT_LET_IN')] });
    expect(report).toMatchObject({ onDevice: 3, answered: 0, p99Ms: null, fairness: 1, errors: { NOT_LET_IN: 1 } });
  });
});

describe('The capacity', () => {
  const probeOf = (true_: number) => async (rate: number) => {
    await Promise.resolve();
    return { opened: 1, connections: 1, offeredPerS: rate, goodputPerS: Math.min(rate, true_) } as LoadReport;
  };

  test.each([3, 50, 777])('is found to within a tenth of %i a second', async (rate) => {
    const found = await findCapacity(50, probeOf(rate));
    expect(found.ratePerS).toBeLessThanOrEqual(rate / 0.99);
    expect(found.ratePerS).toBeGreaterThan(rate / 1.11);
  });

  test('of a server that answers nothing is none', async () => {
    expect((await findCapacity(50, probeOf(0))).ratePerS).toBe(0);
  });
});

describe('A load', () => {
  test('is answered, each sample once', async () => {
    const { url } = await start();
    const plan = { connections: 3, rate: 100, seconds: 0.5, arrivals: 'steady', deadlineMs: 20_000, seed: 1 } as const;
    const run = await runLoad({ ...plan, url, hello, samples: [SAMPLE] });
    const report = reportOn(run);
    expect(report).toMatchObject({ opened: 3, errors: {}, exits: { tiers: { edge: report.offered } } });
    expect(report.offered).toBeGreaterThan(45);
  });

  test('counts what is decided on the devices, and sends none of it', async () => {
    const { url } = await start();
    const plan = { connections: 1, rate: 100, seconds: 0.4, arrivals: 'steady', deadlineMs: 20_000, seed: 1 } as const;
    const samples = [SAMPLE, ...([DECIDED_ON_DEVICE, DECIDED_ON_DEVICE, DECIDED_ON_DEVICE] as const)];
    const report = reportOn(await runLoad({ ...plan, url, hello, samples }));
    expect(report).toMatchObject({ onDevice: 30, offered: 10, answered: 10 });
  });

  test('counts who is not let in', async () => {
    const { url } = await start(['--max-connections', '1']);
    const plan = { connections: 2, rate: 40, seconds: 0.5, arrivals: 'steady', deadlineMs: 20_000, seed: 1 } as const;
    const report = reportOn(await runLoad({ ...plan, url, hello, samples: [SAMPLE] }));
    expect(report).toMatchObject({ opened: 1, answered: 10, errors: { NOT_LET_IN: 10 } });
  });

  test('that is let in nowhere ends with what it was told', async () => {
    const token = 'a-token-that-it-lacks';
    const server = await startFakeServer([], undefined, { environment: { DIMEE_TOKEN: token } });
    open.push(server);
    const { url } = server;
    const plan = { connections: 2, rate: 40, seconds: 0.5, arrivals: 'steady', deadlineMs: 20_000, seed: 1 } as const;
    const load = runLoad({ ...plan, url, hello, samples: [SAMPLE] });
    await expect(load).rejects.toThrow(/lets nobody in: This server wants a token.*--token-file FILE/);
    const known = { ...hello, token };
    expect((await runLoad({ ...plan, url, hello: known, samples: [SAMPLE] })).opened).toBe(2);
  });

  test('keeps to its share, whose rest waits, and ends with its connection', async () => {
    let begun = 0;
    const beforeLayer = () => {
      begun++;
      return new Promise<void>(() => undefined);
    };
    const runtime = new FakeRuntime({ manifest, beforeLayer });
    const server = await start(['--max-in-flight', '2'], runtime);
    const client = await LoadClient.open(server.url, hello, openSocket);
    const later = performance.now() + 60_000;
    const outcomes = Promise.all([1, 2, 3].map(() => client.ask(SAMPLE, later)));
    await expect.poll(() => begun).toBeGreaterThan(0);
    client.close();
    expect(await outcomes).toEqual(new Array(3).fill({ error: 'NO_ANSWER' }));
    expect(await client.ask(SAMPLE, later)).toEqual({ error: 'CLOSED' });
  });
});

describe('Options', () => {
  test('read a policy and its parameters', () => {
    expect(readLoadOptions(['--policy', 'confidence,edgeThreshold=0.9']).policy).toEqual({
      id: 'confidence',
      parameters: { edgeThreshold: 0.9 },
    });
  });

  test.each([
    ['--policy', 'none'],
    ['--policy', 'confidence,edgeThreshold=high'],
    ['--rate', '0'],
    ['--lengths', '0'],
    ['--url', 'http://localhost'],
  ])('refuse %s %s', (flag, value) => {
    expect(() => readLoadOptions([flag, value])).toThrow(
      expect.objectContaining({ code: 'BAD_CONFIGURATION' }) as Error,
    );
  });
});
