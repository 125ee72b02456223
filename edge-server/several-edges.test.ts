import { afterEach, expect, test } from 'vitest';
import { fakeRequest } from '../core/testing/fake-ladder';
import { fakeManifest } from '../core/testing/fake-manifest';
import { FakeRuntime } from '../core/testing/fake-runtime';
import { wayToTiers } from '../core/protocol/way-to-tiers';
import { type FakeServer, startFakeServer } from './testing/fake-server';
import { openSocket } from './web-socket';

const manifest = fakeManifest();
const never = new AbortController().signal;
const open: { close(): void | Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

/** An edge whose layers take a while, so that it can be ended with samples in flight. */
async function slowEdge(): Promise<FakeServer> {
  const beforeLayer = () => new Promise<void>((resolve) => setTimeout(resolve, 2));
  const server = await startFakeServer([], new FakeRuntime({ manifest, beforeLayer }));
  open.push(server);
  return server;
}

const request = (sampleKey: string) =>
  fakeRequest({ sampleKey, policy: { id: 'all-edge', parameters: {} }, deadlineMs: 60_000 });

test('One of two edges ends with samples in flight: all are answered, once, and as before', async () => {
  const [one, other] = [await slowEdge(), await slowEdge()];
  const now = () => performance.now();
  const options = { from: 'mobile', to: 'edge', modelHash: manifest.hash, variant: 'q8', client: 'test' } as const;
  const tier = wayToTiers([one, other], { ...options, openSocket, now });
  open.push(tier);
  const reference = await tier.infer(request('reference'), never);
  const answers = Array.from({ length: 100 }, (_, index) => tier.infer(request(`sample-${index}`), never));
  await answers[20];
  await one.close();
  const results = await Promise.all(answers);
  expect(results).toHaveLength(100);
  for (const { steps } of results) {
    expect(steps.map(({ logits }) => logits)).toEqual(reference.steps.map(({ logits }) => logits));
  }
});
