import { describe, expect, test } from 'vitest';
import { toLayer } from '../layers';
import { fakeRequest } from '../testing/fake-ladder';
import { fakeState, logitsOfConfidence } from '../testing/fake-runtime';
import type { InferRequest } from './tier';
import { chain, failureOf, layersOf, manifest, never } from '../testing/ladder-chain';

describe('what a request must keep to', () => {
  const hiddenState = (tokens: number) =>
    ({ kind: 'hiddenState', state: fakeState(manifest, 0, toLayer(1), tokens) }) as const;

  test('ER8: a text without a known token is NO_KNOWN_TOKEN, and no layer runs for it', async () => {
    const { tier, mobile } = chain(logitsOfConfidence([]));
    const request = fakeRequest({ input: { kind: 'text', texts: ['unknown unknown'] } });
    expect(await failureOf(tier.infer(request, never))).toMatchObject({ code: 'NO_KNOWN_TOKEN' });
    expect(mobile.layersRun).toEqual([]);
  });

  test('the smallest plan and the longest hidden state are taken', async () => {
    const { tier } = chain(logitsOfConfidence([]));
    const plan = { mobileLayers: 1, edgeLayers: 1 };
    expect(layersOf(await tier.infer(fakeRequest({ plan }), never))[1]).toBe('2 cloud');
    const longest = fakeRequest({ priorLogits: [[0, 0]], input: hiddenState(manifest.maxTokens) });
    expect((await tier.infer(longest, never)).tokens).toBe(manifest.maxTokens);
  });

  test.each<[string, Partial<InferRequest>, string]>([
    ['a plan without mobile layers', { plan: { mobileLayers: 0, edgeLayers: 8 } }, 'not 0 and 8'],
    ['a plan that is not a number', { plan: { mobileLayers: NaN, edgeLayers: 8 } }, 'not NaN and 8'],
    ['a plan that runs backwards', { plan: { mobileLayers: 5, edgeLayers: 4 } }, 'not 5 and 4'],
    ['a plan deeper than the model', { plan: { mobileLayers: 4, edgeLayers: 13 } }, '≤ 12, not 4 and 13'],
    ['a text above layer 1', { priorLogits: [[0, 0]] }, 'A text starts at layer 1, not at layer 2.'],
    ['a pair for a task of one text', { input: { kind: 'text', texts: ['a', 'b'] } }, 'takes one text, not 2'],
    ['one text for a task of pairs', { task: 'mnli' }, 'takes two texts, not 1'],
    ['logits of another task', { priorLogits: [[0, 0, 0]], input: { kind: 'held' } }, '2 logits at every layer'],
    ['too many tokens', { priorLogits: [[0, 0]], input: hiddenState(17) }, '[1 to 16, 8], not [17, 8]'],
  ])('%s is BAD_INPUT', async (_, change, message) => {
    const { tier, mobile } = chain(logitsOfConfidence([]));
    const failure = await failureOf(tier.infer(fakeRequest(change), never));
    expect(failure).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining(message) });
    expect(mobile.layersRun).toEqual([]);
  });
});
