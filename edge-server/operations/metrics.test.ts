import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { fakeRequest } from '../../core/testing/fake-ladder';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { FakeRuntime, logitsOfConfidence } from '../../core/testing/fake-runtime';
import { gate } from '../../core/testing/gate';
import { Expected } from '../command-line';
import { type FakeServer, startFakeServer } from '../testing/fake-server';
import { rawUpgrade } from '../testing/raw-upgrade';
import { TestClient } from '../testing/test-client';
import { EVENT_LOOP_LOOKS_MS } from './metrics';
import { readMetricsPlace } from './metrics-place';

const manifest = fakeManifest();
const open: { close(): void | Promise<void> }[] = [];

afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

async function start(flags: readonly string[], runtime?: FakeRuntime): Promise<FakeServer> {
  const server = await startFakeServer(flags, runtime);
  open.push(server);
  return server;
}

async function greeted({ url }: FakeServer): Promise<TestClient> {
  const client = await TestClient.greeted(url, manifest.hash);
  open.push(client);
  return client;
}

/** All samples of the metrics, by name and labels as they are written. */
async function samples(address: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${address}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

const infer = (requestId: number, changes = {}) => ({ type: 'infer', requestId, ...fakeRequest(changes) });
const allEdge = { policy: { id: 'all-edge', parameters: {} } };
const allCloud = { policy: { id: 'all-cloud', parameters: {} } };

describe('where metrics are read', () => {
  test.each([
    ['off', { kind: 'off' }],
    [undefined, { kind: 'off' }],
    ['here', { kind: 'here' }],
    ['9464', { kind: 'own', host: '127.0.0.1', port: 9464 }],
    ['0.0.0.0:9464', { kind: 'own', host: '0.0.0.0', port: 9464 }],
    ['[::1]:9464', { kind: 'own', host: '::1', port: 9464 }],
  ])('%s is %j', (text, place) => {
    expect(readMetricsPlace(text)).toEqual(place);
  });

  test.each(['there', '65536', 'localhost', ':9464x'])('%s is no place', (text) => {
    expect(() => readMetricsPlace(text)).toThrow(Expected);
  });

  test('is nowhere unless it is said', async () => {
    const { httpUrl, metricsPort } = await start([]);
    const response = await fetch(`${httpUrl}/metrics`);
    expect([response.ok, metricsPort]).toEqual([false, undefined]);
  });

  test('may be a port of its own, and then they are not beside the page', async () => {
    const { httpUrl, metricsPort } = await start(['--metrics', '0']);
    const own = `http://127.0.0.1:${metricsPort}`;
    const response = await fetch(`${own}/metrics`);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/plain'),
    ]);
    expect((await fetch(`${own}/healthz`)).status).toBe(404);
    expect((await fetch(`${httpUrl}/metrics`)).ok).toBe(false);
  });

  test('are not told to who asks for them under a stranger’s name, at a port of their own neither', async () => {
    const { metricsPort } = await start(['--metrics', '0', '--allow-host', 'metrics.example']);
    const statusUnder = async (Host: string) =>
      (await rawUpgrade(`http://127.0.0.1:${metricsPort}/metrics`, { Host, Upgrade: 'h2c' })).status;
    expect([await statusUnder('evil.example'), await statusUnder(`evil.example:${metricsPort}`)]).toEqual([421, 421]);
    expect([await statusUnder('metrics.example'), await statusUnder('localhost')]).toEqual([200, 200]);
  });

  test('cannot be a port that is taken', async () => {
    const { port } = await start([]);
    await expect(startFakeServer(['--metrics', `${port}`])).rejects.toMatchObject({
      code: 'BAD_CONFIGURATION',
      message: expect.stringContaining('--metrics'),
    });
  });
});

describe('metrics', () => {
  test('count exits by tier, layer and task, and batches by layer', async () => {
    const logits = logitsOfConfidence([0.6, 0.95]);
    const server = await start(['--metrics', 'here'], new FakeRuntime({ manifest, logits }));
    const client = await greeted(server);
    const policy = { id: 'confidence', parameters: { mobileThreshold: 0.9, edgeThreshold: 0.9, cloudThreshold: 0.9 } };
    for (const requestId of [1, 2]) client.send(infer(requestId, { policy, standIn: true, sampleKey: `${requestId}` }));
    client.send(infer(3, allCloud));
    for (let answers = 0; answers < 3; answers++) await client.next();
    const found = await samples(server.httpUrl);
    expect(found.get('dimee_exits_total{tier="edge",layer="2",task="sst2"}')).toBe(2);
    expect(found.get('dimee_exits_total{tier="cloud",layer="12",task="sst2"}')).toBe(1);
    expect(found.get('dimee_batch_samples_count{layer="2"}')).toBe(3);
    expect(found.get('dimee_batch_samples_count{layer="3"}')).toBe(1);
    expect(found.get('dimee_batch_padding_ratio_bucket{le="0",layer="3"}')).toBe(1);
    expect(found.get('dimee_request_seconds_count')).toBe(3);
    expect(found.get('dimee_connections')).toBe(1);
    expect(found.get('dimee_ready')).toBe(1);
    expect(found.get('dimee_received_bytes_total')).toBeGreaterThan(300);
    expect(found.get('dimee_sent_bytes_total')).toBeGreaterThan(300);
    expect(found.get('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(EVENT_LOOP_LOOKS_MS / 1000 / 2);
  });

  test('tell the queue, computing, tiers elsewhere and the network apart, and they are the whole', async () => {
    const cloud = await start(['--tier', 'cloud'], new FakeRuntime({ manifest, beforeLayer: () => later(4) }));
    const server = await start(
      ['--metrics', 'here', '--cloud-url', cloud.url],
      new FakeRuntime({ manifest, beforeLayer: () => later(2) }),
    );
    const client = await greeted(server);
    for (const requestId of [1, 2]) client.send(infer(requestId, { ...allEdge, sampleKey: `edge-${requestId}` }));
    client.send(infer(3, allCloud));
    for (let answers = 0; answers < 3; answers++) await client.next();
    const found = await samples(server.httpUrl);
    const seconds = (part: string) => found.get(`dimee_request_part_seconds_sum{part="${part}"}`) ?? 0;
    const [queue, compute, upstream, network, other] = ['queue', 'compute', 'upstream', 'network', 'other'].map(
      seconds,
    );
    // Layers of 2 ms, 8 for each of two samples: the second waits for the first. Layers of 4 ms elsewhere, 12 of them.
    expect(queue).toBeGreaterThan(0.012);
    expect(compute).toBeGreaterThan(0.028);
    expect(upstream).toBeGreaterThan(0.044);
    expect(network).toBeGreaterThan(0);
    const parts = [queue, compute, upstream, network, other].reduce<number>((sum, part = 0) => sum + part, 0);
    expect(parts).toBeCloseTo(found.get('dimee_request_seconds_sum') ?? 0, 6);
  });

  test('count failures by reason, those of whole connections too, and what its client cancelled', async () => {
    const { opened, open: letGo } = gate();
    const server = await start(
      ['--metrics', 'here', '--max-queue', '1'],
      new FakeRuntime({ manifest, beforeLayer: () => opened }),
    );
    const client = await greeted(server);
    client.send(infer(3, { ...allEdge, task: 'a task of a stranger' }));
    expect(await client.next()).toMatchObject({ requestId: 3, code: 'BAD_INPUT' });
    client.send(infer(1, allEdge));
    client.send(infer(2, allEdge));
    expect(await client.next()).toMatchObject({ code: 'OVERLOADED' });
    client.send({ type: 'cancel', requestId: 1 });
    client.send({ type: 'ping', id: 1 });
    await client.next();
    letGo();
    client.send('no message');
    expect(await client.next()).toMatchObject({ code: 'BAD_MESSAGE' });
    const reason = (name: string) => `dimee_failures_total{reason="${name}"}`;
    await expect.poll(async () => (await samples(server.httpUrl)).get(reason('CANCELLED'))).toBe(1);
    const found = await samples(server.httpUrl);
    for (const name of ['OVERLOADED', 'BAD_INPUT', 'BAD_MESSAGE']) expect(found.get(reason(name))).toBe(1);
    expect([...found.keys()].filter((key) => key.includes('stranger'))).toEqual([]);
  });

  test('tell what runs and waits', async () => {
    const { opened, open: letGo } = gate();
    onTestFinished(letGo);
    const server = await start(['--metrics', 'here'], new FakeRuntime({ manifest, beforeLayer: () => opened }));
    const client = await greeted(server);
    for (const requestId of [1, 2, 3]) client.send(infer(requestId, allEdge));
    await expect.poll(async () => (await samples(server.httpUrl)).get('dimee_samples_waiting')).toBe(2);
    const found = await samples(server.httpUrl);
    expect(found.get('dimee_samples_running{tier="edge"}')).toBe(3);
    expect(found.get('dimee_tokens_waiting')).toBeGreaterThan(1);
    expect([found.get('dimee_workers'), found.get('dimee_workers_busy')]).toEqual([1, 1]);
  });
});

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
