import { afterEach, expect, test } from 'vitest';
import { fakeRequest } from '../core/testing/fake-ladder';
import { fakeManifest } from '../core/testing/fake-manifest';
import { FakeRuntime } from '../core/testing/fake-runtime';
import { gate } from '../core/testing/gate';
import { startFakeServer } from './testing/fake-server';
import { TestClient } from './testing/test-client';

const manifest = fakeManifest();
const GREEDY = 20;
const open: { close(): void | Promise<void> }[] = [];

afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

const infer = (requestId: number) => ({
  ...{ type: 'infer', requestId },
  ...fakeRequest({ policy: { id: 'all-cloud', parameters: {} }, sampleKey: `sample-${requestId}`, deadlineMs: 60_000 }),
});

async function greeted(url: string): Promise<TestClient> {
  const client = await TestClient.greeted(url, manifest.hash);
  open.push(client);
  return client;
}

test('In a cloud elsewhere the clients of one edge take turns, as they do at the edge', async () => {
  const { opened, open: begin } = gate();
  const runtime = new FakeRuntime({ manifest, beforeLayer: () => opened });
  const cloud = await startFakeServer(['--tier', 'cloud', '--batch-tokens', '1'], runtime);
  const edge = await startFakeServer(['--cloud-url', cloud.url]);
  open.push(cloud, edge);
  const running = async () => {
    const health = (await (await fetch(`${cloud.httpUrl}/healthz`)).json()) as { inside: { samples: number } };
    return health.inside.samples;
  };
  const [greedy, light] = [await greeted(edge.url), await greeted(edge.url)];
  for (let requestId = 0; requestId < GREEDY; requestId++) greedy.send(infer(requestId));
  await expect.poll(running).toBe(GREEDY);
  light.send(infer(100));
  await expect.poll(running).toBe(GREEDY + 1);
  let answered = 0;
  const all = (async () => {
    while (answered < GREEDY) if ((await greedy.next()).type === 'result') answered++;
  })();
  begin();
  expect(await light.next()).toMatchObject({ type: 'result', requestId: 100 });
  expect(answered).toBeLessThan(GREEDY / 4);
  await all;
});
