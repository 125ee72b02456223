import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { spansOf } from '../../core/ladder/spans';
import type { Crossing } from '../../core/ladder/tier';
import { RemoteTier } from '../../core/protocol/remote-tier';
import { newTraceparent, traceIdOf, TRACEPARENT } from '../../core/protocol/traceparent';
import { fakeCodecs } from '../../core/testing/fake-codecs';
import { fakeRequest } from '../../core/testing/fake-ladder';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { startFakeServer } from '../testing/fake-server';
import { TestClient } from '../testing/test-client';
import { openSocket } from '../web-socket';
import { Traces } from './traces';

/** A span as OTLP writes it in JSON, as far as the tests ask. */
interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: OtlpSpan['attributes'] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

const manifest = fakeManifest();
const never = new AbortController().signal;
const now = () => performance.now();
const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

/** What a collector would get: all spans, each with the service that reported it. */
async function startCollector() {
  const spans: (OtlpSpan & { readonly service: unknown })[] = [];
  const server: Server = createServer((request, response) => {
    void json(request).then((body) => {
      for (const { resource, scopeSpans } of (body as OtlpRequest).resourceSpans) {
        const service = valueOf(resource, 'service.name');
        spans.push(...scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service }))));
      }
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => (server.closeAllConnections(), server.close()) });
  return { spans, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function valueOf({ attributes }: Pick<OtlpSpan, 'attributes'>, key: string): unknown {
  const found = attributes.find((attribute) => attribute.key === key);
  return found && Object.values(found.value)[0];
}

function traces(tier: 'edge' | 'cloud', url: string, share = 1, said: string[] = []): Traces {
  return new Traces({ url, share, tier, log: (_level, line) => void said.push(line) });
}

/** An edge before a cloud, both traced, and a device before the edge. */
async function startChain(url: string, share = 1) {
  const [ofEdge, ofCloud] = [traces('edge', url, share), traces('cloud', url, share)];
  const cloud = await startFakeServer(['--tier', 'cloud'], undefined, { traces: ofCloud });
  const edge = await startFakeServer(['--cloud-url', cloud.url], undefined, { traces: ofEdge });
  const tier = wayTo(edge.url);
  open.push(cloud, edge);
  return { tier, flush: () => Promise.all([ofEdge.close(), ofCloud.close()]) };
}

function wayTo(url: string): RemoteTier {
  const codecs = fakeCodecs(manifest);
  const options = { url, modelHash: manifest.hash, variant: 'q8', client: 'test', codecs, openSocket, now };
  const begin = () => newTraceparent((bytes) => crypto.getRandomValues(bytes));
  const tier = new RemoteTier({ ...options, from: 'mobile', to: 'edge', newTraceparent: begin });
  open.push(tier);
  return tier;
}

const allCloud = fakeRequest({ policy: { id: 'all-cloud', parameters: {} } });

describe('a device begins a trace', () => {
  test('that nobody can guess, by W3C Trace Context', () => {
    const one = newTraceparent((bytes) => bytes.fill(0xab));
    expect(one).toBe(`00-${'ab'.repeat(16)}-${'ab'.repeat(8)}-00`);
    expect(one).toMatch(TRACEPARENT);
    expect(traceIdOf(one)).toBe('ab'.repeat(16));
  });

  test.each([`00-${'0'.repeat(32)}-${'a'.repeat(16)}-01`, `00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`, 'ff-a-b-00'])(
    '%s is none',
    (text) => expect(text).not.toMatch(TRACEPARENT),
  );
});

describe('RQ11: traces', () => {
  test('join device, edge and cloud, with the spans of the page’s timeline', async () => {
    const { spans, url } = await startCollector();
    const { tier, flush } = await startChain(url);
    const result = await tier.infer(allCloud, never);
    await flush();
    const [crossing] = result.crossings as [Crossing];
    expect([...new Set(spans.map(({ traceId }) => traceId))]).toEqual([crossing.traceId]);
    const requests = spans.filter(({ name }) => name === 'infer');
    const [edge, cloud] = ['dimee-edge', 'dimee-cloud'].map((name) => requests.find(({ service }) => service === name));
    expect(requests).toHaveLength(2);
    expect(cloud?.parentSpanId).toBe(edge?.spanId);
    expect(edge?.parentSpanId).toMatch(/^[0-9a-f]{16}$/);
    const layers = spans.filter(({ name }) => name === 'layer');
    expect(layers.map((span) => Number(valueOf(span, 'dimee.layer'))).sort((one, other) => one - other)).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
    expect(layers.every((span) => span.service === 'dimee-cloud' && span.parentSpanId === cloud?.spanId)).toBe(true);
    // What the timeline of the page shows of edge and cloud, named alike.
    const timeline = spansOf({ ...result, startedAt: 0, totalMs: 1000 });
    const shown = new Set(timeline.filter((span) => span.tier !== 'mobile').map(({ name }) => name));
    const reported = new Set(spans.map(({ name }) => name));
    expect([...shown].filter((name) => !reported.has(name))).toEqual([]);
    expect(reported.has('wire up')).toBe(true);
    for (const { startTimeUnixNano, endTimeUnixNano } of spans) {
      expect(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano)).toBe(true);
    }
    expect(JSON.stringify(spans)).not.toContain('sample 0');
  });

  test('say what failed', async () => {
    const { spans, url } = await startCollector();
    const { tier, flush } = await startChain(url);
    await expect(tier.infer({ ...allCloud, task: 'none' }, never)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await flush();
    expect(spans.map(({ name, status }) => [name, status.message])).toEqual([['infer', 'BAD_INPUT']]);
  });

  test('are of a share of requests, and of none at 0', async () => {
    const { spans, url } = await startCollector();
    const { tier, flush } = await startChain(url, 0);
    await tier.infer(allCloud, never);
    await flush();
    expect(spans).toEqual([]);
  });

  test('are asked for by the welcome alone: a server that does not trace is sent none', async () => {
    const server = await startFakeServer();
    open.push(server);
    const client = await TestClient.connect(server.url);
    open.push(client);
    client.send({ type: 'hello', protocol: 1, modelHash: manifest.hash, variant: 'q8', client: 'test' });
    expect(await client.next()).not.toHaveProperty('traces');
    expect((await wayTo(server.url).infer(allCloud, never)).crossings[0]).not.toHaveProperty('traceId');
  });

  test('that do not arrive are said once, and cost no answer', async () => {
    const said: string[] = [];
    const lost = traces('edge', 'http://127.0.0.1:9', 1, said);
    const server = await startFakeServer([], undefined, { traces: lost });
    open.push(server);
    expect((await wayTo(server.url).infer(allCloud, never)).steps).toHaveLength(12);
    await lost.close();
    await expect.poll(() => said).toHaveLength(1);
    expect(said[0]).toContain('http://127.0.0.1:9');
  });
});
