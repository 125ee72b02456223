import { status } from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';
import { fakeRequest } from '../../core/testing/fake-ladder';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { FakeRuntime } from '../../core/testing/fake-runtime';
import { EngineServer, Failure } from '../testing/engine-server';
import { type FakeServer, startFakeServer } from '../testing/fake-server';
import { TestClient } from '../testing/test-client';

const manifest = fakeManifest();
const open: { close(): void | Promise<void> }[] = [];
const SAMPLES = 300;

afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

async function engineAndEdge(behaviour: EngineServer['behaviour'] = {}) {
  const engine = await new EngineServer(manifest, new FakeRuntime({ manifest }), behaviour).start();
  const edge = await startFakeServer(['--cloud-url', engine.url, '--metrics', 'here', '--max-in-flight', `${SAMPLES}`]);
  open.push({ close: () => engine.kill() }, edge);
  const client = await TestClient.greeted(edge.url, manifest.hash);
  open.push(client);
  return { engine, edge, client };
}

const infer = (requestId: number) => {
  const input = { kind: 'text', texts: [`sample ${requestId}`] } as const;
  const policy = { id: 'all-cloud', parameters: {} };
  return { type: 'infer', requestId, ...fakeRequest({ policy, input, sampleKey: `sample-${requestId}` }) };
};

const metricsOf = async ({ httpUrl }: FakeServer) => (await fetch(`${httpUrl}/metrics`)).text();

test('An edge loses and doubles none of its samples while its engine is killed and comes back', async () => {
  const { engine, edge, client } = await engineAndEdge({
    before: () => new Promise((resolve) => setTimeout(resolve, 5)),
  });
  for (let requestId = 0; requestId < SAMPLES; requestId++) client.send(infer(requestId));
  await expect.poll(() => engine.answered.length).toBeGreaterThan(10);
  engine.kill();
  await expect
    .poll(() => metricsOf(edge), { timeout: 8000 })
    .toMatch(/^dimee_engine_breaker_openings\{variant="q8"\} 1/m);
  await engine.start();
  const labels = new Map<number, number>();
  while (labels.size < SAMPLES) {
    const heard = await client.next();
    if (heard.type !== 'result') throw new Error(`no result: ${JSON.stringify(heard)}`);
    expect(labels.has(heard.requestId)).toBe(false);
    labels.set(heard.requestId, heard.steps.length);
  }
  expect([...labels.values()].every((steps) => steps === manifest.layers)).toBe(true);
  const takenOn = Number(/^dimee_cloud_taken_on_total (\d+)/m.exec(await metricsOf(edge))?.[1]);
  expect(takenOn).toBeGreaterThan(0);
  expect(takenOn).toBeLessThan(SAMPLES);
}, 20_000);

test('An edge runs by itself what its engine cannot, and asks it no more', async () => {
  const refuses = () => Promise.reject(new Failure(status.UNIMPLEMENTED, 'all-cloud is not known'));
  const { engine, edge, client } = await engineAndEdge({ before: refuses });
  for (const requestId of [1, 2]) {
    client.send(infer(requestId));
    const heard = await client.next();
    expect(heard).toMatchObject({ type: 'result', requestId, crossings: [] });
  }
  expect(engine.asked).toHaveLength(1);
  const health = (await (await fetch(`${edge.httpUrl}/healthz`)).json()) as { cloud: object };
  expect(health.cloud).toMatchObject({ ranHere: 2, engines: { q8: { breaker: 'closed', cannotRun: ['all-cloud'] } } });
});
