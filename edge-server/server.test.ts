import { afterEach, describe, expect, test } from 'vitest';
import { toLayer } from '../core/layers';
import type { LayerRuntime } from '../core/model/layer-runtime';
import { LIMITS, SUBPROTOCOL } from '../core/protocol/limits';
import { RemoteTier } from '../core/protocol/remote-tier';
import { encodeTensorFrame } from '../core/protocol/tensor-frame';
import { fakeCodecs } from '../core/testing/fake-codecs';
import { fakeRequest } from '../core/testing/fake-ladder';
import { fakeManifest } from '../core/testing/fake-manifest';
import { FakeRuntime, fakeState, logitsOfConfidence } from '../core/testing/fake-runtime';
import { gate } from '../core/testing/gate';
import { testTier } from '../core/testing/tier-suite';
import { type FakeServer, startFakeServer } from './testing/fake-server';
import { rawUpgrade } from './testing/raw-upgrade';
import { TestClient } from './testing/test-client';
import { openSocket } from './web-socket';

const manifest = fakeManifest();
const now = () => performance.now();
const never = new AbortController().signal;
const open: { close(): void | Promise<void> }[] = [];

afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

async function start(flags: readonly string[] = [], runtime?: LayerRuntime): Promise<FakeServer> {
  const server = await startFakeServer(flags, runtime);
  open.push(server);
  return server;
}

async function greeted({ url }: FakeServer): Promise<TestClient> {
  const client = await TestClient.greeted(url, manifest.hash);
  open.push(client);
  return client;
}

function wayTo({ url }: FakeServer, variant = 'q8', codecs = fakeCodecs(manifest)): RemoteTier {
  const options = { url, modelHash: manifest.hash, variant, client: 'test', codecs, openSocket, now };
  const tier = new RemoteTier({ ...options, from: 'mobile', to: 'edge' });
  open.push(tier);
  return tier;
}

async function health({ httpUrl }: FakeServer) {
  return (await (await fetch(`${httpUrl}/healthz`)).json()) as Record<string, Record<string, unknown>>;
}

const infer = (requestId: number, changes = {}) => ({ type: 'infer', requestId, ...fakeRequest(changes) });

testTier('An edge server before a cloud server', async ({ codecs, edgeRuntime, cloudRuntime }) => {
  const cloud = await startFakeServer(['--tier', 'cloud'], cloudRuntime);
  const edge = await startFakeServer(['--cloud-url', cloud.url], edgeRuntime);
  const options = {
    url: edge.url,
    modelHash: manifest.hash,
    variant: 'q8',
    client: 'suite',
    codecs,
    openSocket,
    now,
  };
  const tier = new RemoteTier({ ...options, from: 'mobile', to: 'edge' });
  const close = async () => {
    tier.close();
    await edge.close();
    await cloud.close();
  };
  return { tier, close };
});

describe('The server', () => {
  test('runs the cloud tier in its own process unless it is elsewhere', async () => {
    const server = await start();
    const result = await wayTo(server).infer(fakeRequest({ policy: { id: 'all-cloud', parameters: {} } }), never);
    expect(result.steps.map(({ layer, tier }) => `${layer} ${tier}`).at(-1)).toBe('12 cloud');
    expect(await health(server)).toMatchObject({ cloud: 'in process', tiers: { cloud: { layersRun: 12 } } });
  });

  test('crosses to a cloud in its process as it would on the wire', async () => {
    const server = await start();
    const state = fakeState(manifest, 1, toLayer(4), 5);
    const priorLogits = new Array<number[]>(4).fill([0, 0]);
    const request = fakeRequest({ priorLogits, input: { kind: 'hiddenState', state }, payloadDtype: 'int8' });
    const { crossings } = await wayTo(server).infer(request, never);
    expect(crossings[1]).toMatchObject({ from: 'edge', to: 'cloud', afterLayer: 8, bytesUp: 32 + 5 * (8 + 4) });
  });

  test('TF8: tells a client with another file of a codec what to do, and takes its next payload', async () => {
    const otherFiles = structuredClone(manifest);
    for (const { file } of otherFiles.codecs) file.sha256 = `ff${file.sha256.slice(2)}`;
    const tier = wayTo(await start(), 'q8', fakeCodecs(otherFiles));
    const state = fakeState(manifest, 1, toLayer(4), 5);
    const priorLogits = new Array<number[]>(4).fill([0, 0]);
    const request = fakeRequest({ priorLogits, input: { kind: 'hiddenState', state }, payloadDtype: 'coded216' });
    await expect(tier.infer(request, never)).rejects.toMatchObject({
      code: 'BAD_FRAME',
      message: expect.stringMatching(/^Reload the page, .* another codec after layer 4\.$/),
    });
    expect((await tier.infer({ ...request, payloadDtype: 'int4' }, never)).steps).toHaveLength(8);
  });

  test('keeps the variants apart', async () => {
    const server = await start([], new FakeRuntime({ manifest, logits: logitsOfConfidence([0.95]) }));
    const request = fakeRequest({
      policy: { id: 'all-edge', parameters: {} },
      plan: { mobileLayers: 1, edgeLayers: 1 },
    });
    const result = await wayTo(server, 'q8').infer(request, never);
    const priorLogits = result.steps.map(({ logits }) => logits);
    const plan = { mobileLayers: 1, edgeLayers: 2 };
    const held = { ...request, priorLogits, plan, input: { kind: 'held' } } as const;
    await expect(wayTo(server, 'fp16').infer(held, never)).rejects.toMatchObject({ code: 'STATE_NOT_HELD' });
    expect((await wayTo(server, 'q8').infer(held, never)).steps).toHaveLength(1);
  });

  test('ER2: OVERLOADED names a time, and a client that waits it out is answered', async () => {
    const { opened, open: letGo } = gate();
    const runtime = new FakeRuntime({ manifest, beforeLayer: () => opened });
    const server = await start(['--max-queue', '2'], runtime);
    const client = await greeted(server);
    const policy = { id: 'all-edge', parameters: {} };
    for (const id of [1, 2, 3]) client.send(infer(id, { policy }));
    const refusal = await client.next();
    expect(refusal).toMatchObject({ requestId: 3, code: 'OVERLOADED', retryable: true });
    expect(refusal).toHaveProperty('retryAfterMs', expect.any(Number));
    const patient = wayTo(server).infer(fakeRequest({ policy }), never);
    letGo();
    expect(await client.next()).toMatchObject({ type: 'result', requestId: 1 });
    expect(await client.next()).toMatchObject({ type: 'result', requestId: 2 });
    expect((await patient).steps).toHaveLength(8);
  });

  test('ER2: what waits for a cloud elsewhere is bounded too', async () => {
    const { opened, open: letGo } = gate();
    const cloud = await start(['--tier', 'cloud'], new FakeRuntime({ manifest, beforeLayer: () => opened }));
    const client = await greeted(await start(['--cloud-url', cloud.url, '--max-queue', '2']));
    for (const id of [1, 2, 3]) client.send(infer(id, { policy: { id: 'all-cloud', parameters: {} } }));
    expect(await client.next()).toMatchObject({ requestId: 3, code: 'OVERLOADED', retryable: true });
    letGo();
    expect(await client.next()).toMatchObject({ type: 'result', requestId: 1 });
    expect(await client.next()).toMatchObject({ type: 'result', requestId: 2 });
  });

  test('ER2: what is here is bounded in tokens, too; one that is alone may have any number', async () => {
    const { opened, open: letGo } = gate();
    const runtime = new FakeRuntime({ manifest, beforeLayer: () => opened });
    const client = await greeted(await start(['--max-queue-tokens', '20'], runtime));
    const long = { policy: { id: 'all-edge', parameters: {} }, input: { kind: 'text', texts: ['word '.repeat(30)] } };
    for (const id of [1, 2]) client.send(infer(id, long));
    expect(await client.next()).toMatchObject({ requestId: 2, code: 'OVERLOADED', retryable: true });
    letGo();
    expect(await client.next()).toMatchObject({ type: 'result', requestId: 1 });
    client.send(infer(3, long));
    expect(await client.next()).toMatchObject({ type: 'result', requestId: 3 });
  });

  test('ER3: a request whose deadline passes while others compute is answered then, and keeps nobody out', async () => {
    const { opened, open: letGo } = gate();
    const server = await start([], new FakeRuntime({ manifest, beforeLayer: () => opened }));
    const client = await greeted(server);
    client.send(infer(1));
    client.send(infer(2, { policy: { id: 'all-edge', parameters: {} } }));
    client.send(infer(3, { policy: { id: 'all-edge', parameters: {} }, deadlineMs: 50 }));
    expect(await client.next()).toMatchObject({ requestId: 1, code: 'BAD_INPUT' });
    expect(await client.next()).toMatchObject({ requestId: 3, code: 'DEADLINE_EXCEEDED' });
    expect(await health(server)).toMatchObject({ inside: { samples: 1 } });
    letGo();
    expect(await client.next()).toMatchObject({ type: 'result', requestId: 2 });
  });

  test('ER7: a WebSocket message over maxMessageBytes is closed with 1009 without being read', async () => {
    const client = await greeted(await start());
    client.send(new Uint8Array(LIMITS.maxMessageBytes + 1));
    expect(await client.next()).toMatchObject({ type: 'closed', code: 1009 });
  });

  test('takes every frame up to the limits', async () => {
    const client = await greeted(await start());
    const state = { tokens: 128, hidden: 384, data: new Float32Array(128 * 384) };
    client.send(infer(1, { priorLogits: [[0, 0]], input: { kind: 'hiddenState' } }));
    client.send(encodeTensorFrame({ requestId: 1, startLayer: toLayer(2), dtype: 'float32', state }));
    expect(await client.next()).toMatchObject({ requestId: 1, code: 'BAD_INPUT' });
  });

  test('without its cloud it runs the cloud’s layers itself, says so, and gives the same answers', async () => {
    const request = fakeRequest({
      priorLogits: new Array<number[]>(4).fill([0, 0]),
      input: { kind: 'hiddenState', state: fakeState(manifest, 1, toLayer(4), 5) },
      payloadDtype: 'int8',
    });
    const reference = await wayTo(await start()).infer(request, never);
    const runtime = new FakeRuntime({ manifest });
    const server = await start(['--cloud-url', 'ws://127.0.0.1:9'], runtime);
    const { steps, crossings, stays } = await wayTo(server).infer(request, never);
    expect(steps.map(({ logits }) => logits)).toEqual(reference.steps.map(({ logits }) => logits));
    expect(steps.map(({ layer, tier }) => `${layer} ${tier}`).slice(3, 5)).toEqual(['8 edge', '9 edge']);
    expect([crossings, stays].map((list) => list?.length)).toEqual([1, 1]);
    expect(runtime.layersRun).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
    expect((await health(server)).cloud).toMatchObject({
      url: 'ws://127.0.0.1:9/v1/tier',
      links: { q8: { state: 'down' } },
      ranHere: 1,
    });
  });

  test('RQ7: a client that is gone is run for no longer', async () => {
    const [third, reached] = [gate(), gate()];
    const beforeLayer = (layer: number) => {
      if (layer !== 3) return undefined;
      reached.open();
      return third.opened;
    };
    const runtime = new FakeRuntime({ manifest, beforeLayer });
    const server = await start([], runtime);
    const client = await greeted(server);
    client.send(infer(1, { policy: { id: 'all-cloud', parameters: {} } }));
    client.send(infer(2, { policy: { id: 'all-cloud', parameters: {} } }));
    await reached.opened;
    client.close();
    await client.next();
    third.open();
    await expect.poll(async () => (await health(server)).tiers).toMatchObject({ cloud: { running: 0 } });
    expect(new Set(runtime.layersRun)).toEqual(new Set([1, 2, 3]));
  });
});

describe('Upgrades', () => {
  test('are taken at one path', async () => {
    const { httpUrl } = await start();
    const answer = await rawUpgrade(`${httpUrl}/v2`);
    expect(answer).toEqual({ status: 404, text: 'WebSockets are taken at /v1/tier.' });
  });

  test.each([{}, { 'Sec-WebSocket-Protocol': 'dimee.v0, chat' }])(
    'need the subprotocol: %j is 400',
    async (headers) => {
      const { url } = await start();
      const answer = await rawUpgrade(url, headers);
      expect(answer).toEqual({ status: 400, text: 'The subprotocol must be dimee.v1.' });
    },
  );

  test('of more than --max-connections clients are 503', async () => {
    const server = await start(['--max-connections', '1']);
    const client = await greeted(server);
    expect(await rawUpgrade(server.url)).toMatchObject({ status: 503 });
    client.close();
    await client.next();
    await expect.poll(async () => (await health(server)).connections).toBe(0);
    await greeted(server);
  });

  test('of more than --max-connections-per-address clients of one address are 429, and others come in', async () => {
    const flags = ['--max-connections-per-address', '1', '--trusted-proxies', '127.0.0.1'];
    const server = await start(flags);
    const from = (address: string) =>
      rawUpgrade(server.url, { 'Sec-WebSocket-Protocol': SUBPROTOCOL, 'X-Forwarded-For': address });
    const first = await from('203.0.113.9');
    expect(first.status).toBe(101);
    expect(await from('203.0.113.9')).toMatchObject({ status: 429, text: expect.stringContaining('full share') });
    const other = await from('203.0.113.10');
    expect(other.status).toBe(101);
    first.connection?.destroy();
    await expect.poll(async () => (await from('203.0.113.9')).status).toBe(101);
    other.connection?.destroy();
  });

  test.each([
    [[], 'https://elsewhere.example', 403],
    [['--allow-origin', 'https://elsewhere.example'], 'https://elsewhere.example', 101],
    [[], 'OWN', 101],
  ])('with %j of a page from %s are %i', async (flags, origin, expected) => {
    const { url, httpUrl } = await start(flags);
    const headers = { 'Sec-WebSocket-Protocol': SUBPROTOCOL, Origin: origin === 'OWN' ? httpUrl : origin };
    const { status, connection } = await rawUpgrade(url, headers);
    expect(status).toBe(expected);
    connection?.destroy();
  });

  test('and pages are not for who asks under a stranger’s name', async () => {
    const { url, httpUrl, port } = await start();
    const headers = { Host: `evil.example:${port}`, Origin: `http://evil.example:${port}` };
    expect(await rawUpgrade(url, { 'Sec-WebSocket-Protocol': SUBPROTOCOL, ...headers })).toMatchObject({ status: 421 });
    expect(await rawUpgrade(`${httpUrl}/healthz`, { ...headers, Upgrade: 'h2c' })).toMatchObject({
      status: 421,
      text: expect.stringContaining('--allow-host'),
    });
  });

  test('plain HTTP at the socket’s address is told what it is for', async () => {
    const { httpUrl } = await start();
    const response = await fetch(`${httpUrl}/v1/tier`);
    expect([response.status, await response.text()]).toEqual([426, 'This address takes WebSockets of dimee.v1.\n']);
    expect(response.headers.get('upgrade')).toBe('websocket');
  });
});

describe('--base-path', () => {
  test('takes the tier below it, and at the root for a proxy that takes the prefix off', async () => {
    const server = await start(['--base-path', '/play']);
    const below = server.url.replace('/v1', '/play/v1');
    for (const url of [server.url, below]) await greeted({ ...server, url });
    expect(await rawUpgrade(server.url.replace('/v1', '/player/v1'))).toMatchObject({ status: 404 });
  });

  test('tells /healthz below it, and leads to the slash that relative addresses need', async () => {
    const { httpUrl } = await start(['--base-path', 'play/']);
    expect((await fetch(`${httpUrl}/play/healthz`)).status).toBe(200);
    expect((await fetch(`${httpUrl}/healthz`)).status).toBe(200);
    const response = await fetch(`${httpUrl}/play?edge=none`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([308, '/play/?edge=none']);
  });
});

describe('/healthz', () => {
  test('tells what runs, what waits and what is kept', async () => {
    const server = await start(['--threads', '2']);
    const client = await greeted(server);
    client.send(infer(1, { policy: { id: 'all-edge', parameters: {} } }));
    await client.next();
    expect(await health(server)).toEqual({
      status: 'ok',
      tier: 'edge',
      model: { id: 'fake', hash: manifest.hash, variants: ['q8', 'fp16'] },
      layersLoaded: { q8: 12 },
      tiers: {
        edge: { running: 0, layersRun: 8, heldBytes: 4 * 8 * 4 },
        cloud: { running: 0, layersRun: 0, heldBytes: 0 },
      },
      cloud: 'in process',
      inside: { samples: 0, tokens: 0 },
      runtime: 'native',
      compute: { workers: 1, busy: 0, waiting: 0, waitingTokens: 0 },
      connections: 1,
      sockets: { open: expect.any(Number), unfinished: 0, crowded: 0, silent: 0, unread: 0 },
      tensorFrames: 0,
      rssBytes: expect.any(Number),
      uptimeS: expect.any(Number),
    });
  });

  test('of a cloud tier knows no edge, and there is no page', async () => {
    const server = await start(['--tier', 'cloud']);
    await greeted(server);
    expect(Object.keys((await health(server)).tiers ?? {})).toEqual(['cloud']);
    const response = await fetch(server.httpUrl);
    expect([response.status, await response.text()]).toEqual([
      404,
      expect.stringContaining('cloud tier without a page'),
    ]);
  });
});

describe('/livez and /readyz', () => {
  const probe = async ({ httpUrl }: FakeServer, name: string) => {
    const response = await fetch(`${httpUrl}/${name}`);
    return [response.status, await response.json()];
  };

  test('tell apart that the process lives and that it can be sent work', async () => {
    let layersLoaded = 11;
    const server = await startFakeServer(['--base-path', '/play'], undefined, { layersLoaded: () => layersLoaded });
    open.push(server);
    expect(await probe(server, 'livez')).toEqual([200, { status: 'alive' }]);
    expect(await probe(server, 'readyz')).toEqual([503, { status: 'loading' }]);
    layersLoaded = 12;
    expect(await probe(server, 'play/readyz')).toEqual([200, { status: 'ready' }]);
    await server.drain();
    expect(await probe(server, 'readyz')).toEqual([503, { status: 'draining' }]);
    expect(await probe(server, 'livez')).toEqual([200, { status: 'alive' }]);
  });
});

describe('Draining', () => {
  test('DR1: answers what is in flight, takes no more clients, and resolves then', async () => {
    const { opened, open: letGo } = gate();
    const server = await start([], new FakeRuntime({ manifest, beforeLayer: () => opened }));
    const [busy, idle] = [await greeted(server), await greeted(server)];
    busy.send(infer(1, { policy: { id: 'all-edge', parameters: {} } }));
    await expect.poll(async () => (await health(server)).tiers).toMatchObject({ edge: { running: 1 } });
    let isDrained = false;
    const drained = server.drain().then(() => (isDrained = true));
    expect(await idle.next()).toMatchObject({ code: 'DRAINING' });
    expect(await idle.next()).toMatchObject({ type: 'closed', code: 1012 });
    expect(await rawUpgrade(server.url)).toEqual({ status: 503, text: 'This server is about to end.' });
    expect(await busy.next()).toMatchObject({ code: 'DRAINING' });
    expect(isDrained).toBe(false);
    letGo();
    expect(await busy.next()).toMatchObject({ type: 'result', requestId: 1 });
    expect(await busy.next()).toMatchObject({ type: 'closed', code: 1012 });
    await drained;
  });

  test('a client’s samples that were under way when its server ended are answered, all and once', async () => {
    const server = await startFakeServer();
    const tier = wayTo(server);
    const policy = { id: 'all-cloud', parameters: {} };
    const asked = Array.from({ length: 40 }, (_, index) =>
      tier.infer(fakeRequest({ sampleKey: `sample-${index}`, policy }), never),
    );
    await expect.poll(async () => Number((await health(server)).connections)).toBe(1);
    const next = server.drain().then(async () => {
      await server.close();
      return startFakeServer(['--port', String(server.port)]);
    });
    const results = await Promise.all(asked);
    open.push(await next);
    expect(results.map(({ steps }) => steps.length)).toEqual(new Array(40).fill(12));
  });
});

describe('Shutting down', () => {
  test('aborts what runs, closes sockets with 1001 and takes no more', async () => {
    const { opened, open: letGo } = gate();
    const runtime = new FakeRuntime({ manifest, beforeLayer: () => opened });
    const server = await startFakeServer([], runtime);
    const client = await greeted(server);
    client.send(infer(1, { policy: { id: 'all-edge', parameters: {} } }));
    await expect.poll(async () => (await health(server)).tiers).toMatchObject({ edge: { running: 1 } });
    const closed = server.close();
    expect(await client.next()).toEqual({ type: 'closed', code: 1001, reason: 'the server is shutting down' });
    await closed;
    letGo();
    await expect(TestClient.connect(server.url)).rejects.toThrow();
    await expect(fetch(server.httpUrl)).rejects.toThrow();
    expect(runtime.layersRun.length).toBeLessThanOrEqual(1);
  });

  test('does not wait for a client that does not answer the close', async () => {
    const server = await startFakeServer();
    const { connection } = await rawUpgrade(server.url);
    const startedAt = now();
    await server.close();
    expect(now() - startedAt).toBeLessThan(2000);
    connection?.destroy();
  });

  test('a port that is taken is BAD_CONFIGURATION, and says so', async () => {
    const { port } = await start();
    const failure = startFakeServer(['--port', String(port)]);
    await expect(failure).rejects.toMatchObject({
      code: 'BAD_CONFIGURATION',
      message: expect.stringContaining(`:${port}`),
    });
  });
});
