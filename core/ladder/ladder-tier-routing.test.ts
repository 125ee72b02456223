import { describe, expect, test } from 'vitest';
import { fakeLadder, fakeRequest } from '../testing/fake-ladder';
import { fakeModelWithPolicyFiles, fakePolicyData } from '../testing/fake-policy-files';
import type { LadderTierOptions } from './ladder-tier';
import type { InferRequest } from './tier';
import { chain, clockOf, failureOf, layersOf, never, spy } from '../testing/ladder-chain';

describe('a sample whose tier is chosen by its text', async () => {
  const [easy, moderate, hard] = ['sample 1', 'sample 4', 'sample 7'];
  /** Of the fake's embeddings, whose first number is the sample's last digit and whose others are 0. */
  const at = (first: number) => [first, ...new Array<number>(7).fill(0)];
  const pools = { centroids: [at(1), at(4), at(7)], shares: [0.5, 0.3, 0.2] };
  const { manifest, policyFiles } = fakeModelWithPolicyFiles(
    fakePolicyData({ pools: { dimee: pools, dimecDc: pools } }),
  );
  const policy = { id: 'dimee-pools', parameters: {} };
  const request = (text: string, changes: Partial<InferRequest> = {}) =>
    fakeRequest({ policy, input: { kind: 'text', texts: [text] }, ...changes });
  const layersUpTo = (last: number, tier: string) => Array.from({ length: last }, (_, index) => `${index + 1} ${tier}`);
  const certain = () => [9, 0, 0, 0, 0];

  test.each([
    [easy, 4, 'mobile', [0, 3, 6]],
    [moderate, 8, 'edge', [3, 0, 3]],
    [hard, 12, 'cloud', [6, 3, 0]],
  ])('%s runs layers 1 to %i on the %s tier, however sure its exits', async (text, last, name, dimee) => {
    const { tier, mobile } = chain(certain, { manifest, policyFiles });
    const result = await tier.infer(request(text), never);
    expect(layersOf(result)).toEqual(layersUpTo(last, name));
    expect(result.distances).toEqual({ dimee, dimecDc: dimee });
    expect(mobile.samplesEmbedded).toHaveLength(1);
  });

  test('crosses as text, as a sample of the policy that sends all to that tier', async () => {
    const upstream = spy();
    const clock = clockOf();
    const schedule: LadderTierOptions['schedule'] = (job) => {
      clock.time += 30;
      return job();
    };
    const tier = fakeLadder({ name: 'mobile', manifest, policyFiles, upstream, schedule, now: clock.now });
    const result = await tier.infer(request(hard, { deadlineMs: 1000 }), never);
    expect(upstream.asked).toEqual([
      request(hard, { policy: { id: 'all-cloud', parameters: {} }, deadlineMs: 1000 - 30 }),
    ]);
    expect(result.queueMs).toBe(30 + 5);
    expect(result.stays?.[0]).toMatchObject({ tier: 'mobile', queueMs: 30, totalMs: 30 });
  });

  test('runs all of its layers on a tier that is cut off from the others', async () => {
    const { tier } = chain(certain, { manifest, policyFiles, covers: ['mobile', 'edge', 'cloud'] });
    const result = await tier.infer(request(moderate), never);
    expect(layersOf(result)).toEqual(layersUpTo(8, 'mobile'));
    expect(result.crossings).toEqual([]);
  });

  test('cannot start from anything but its text, nor at a tier above the one it belongs to', async () => {
    const { tier } = chain(certain, { manifest, policyFiles });
    const held = request(easy, { priorLogits: [[0, 0]], input: { kind: 'held' } });
    expect(await failureOf(tier.infer(held, never))).toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('Send the sample as text'),
    });
    const edge = fakeLadder({ name: 'edge', manifest, policyFiles });
    expect(await failureOf(edge.infer(request(easy), never))).toMatchObject({ code: 'BAD_INPUT' });
  });

  test('needs the centroids', async () => {
    const { tier } = chain(certain);
    expect(await failureOf(tier.infer(request(easy), never))).toMatchObject({ code: 'BAD_INPUT' });
  });
});
