import { expect, test } from 'vitest';
import { isAbort } from '../../errors';
import { fakeRequest } from '../fake-ladder';
import { gate } from '../gate';
import { failureOf } from '../ladder-chain';
import { afterMobile, never, pause, failAt, type InWorld } from './world';

/** What is refused or fails, and that nothing runs for it. */
export function testRefusals(inWorld: InWorld): void {
  test.each([
    ['an unknown task', { task: 'poetry' }],
    ['a task named like a part of every object', { task: 'constructor' }],
    ['an unknown policy', { policy: { id: 'hope', parameters: {} } }],
    ['an unknown parameter', { policy: { id: 'confidence', parameters: { courage: 1 } } }],
    ['a parameter out of its range', { policy: { id: 'confidence', parameters: { edgeThreshold: 1.5 } } }],
    ['a plan deeper than the model', { plan: { mobileLayers: 4, edgeLayers: 13 } }],
    ['a plan that runs backwards', { plan: { mobileLayers: 6, edgeLayers: 5 } }],
    ['a text that claims to have climbed', { priorLogits: [[0, 0]] }],
    [
      'a sample that has climbed to the top',
      { priorLogits: new Array<number[]>(12).fill([0, 0]), input: { kind: 'held' } },
    ],
  ] as const)('ER6: %s is BAD_INPUT', (_, change) =>
    inWorld({}, async ({ tier, edge, cloud }) => {
      expect(await failureOf(tier.infer(fakeRequest(change), never()))).toMatchObject({ code: 'BAD_INPUT' });
      expect([...edge.layersRun, ...cloud.layersRun]).toEqual([]);
    }),
  );

  test('ER6: a hidden state of another size than the model’s is BAD_INPUT', () =>
    inWorld({}, async ({ tier, manifest, edge }) => {
      const state = { tokens: 2, hidden: 6, data: new Float32Array(12) };
      const request = { ...afterMobile(manifest), input: { kind: 'hiddenState', state } } as const;
      expect(await failureOf(tier.infer(request, never()))).toMatchObject({ code: 'BAD_INPUT' });
      expect(edge.layersRun).toEqual([]);
    }));

  test('a layer that fails is an INTERNAL error and not a result', () =>
    inWorld({ beforeLayer: failAt(6) }, async ({ tier, manifest }) => {
      const failure = await failureOf(tier.infer(afterMobile(manifest), never()));
      expect(failure).toMatchObject({ code: 'INTERNAL', message: 'layer 6 fell over' });
    }));

  test('rejects with an AbortError when it is asked with an aborted signal', () =>
    inWorld({}, async ({ tier, manifest, edge }) => {
      const error = await tier.infer(afterMobile(manifest), AbortSignal.abort()).catch((reason: unknown) => reason);
      expect(isAbort(error)).toBe(true);
      expect(edge.layersRun).toEqual([]);
    }));

  test.each([
    ['edge', 6, [5, 6], []],
    ['cloud', 10, [5, 6, 7, 8], [9, 10]],
  ] as const)('RQ6: an abort stops before the next layer on the %s', (_, stopAt, onEdge, onCloud) => {
    const [stopped, held] = [gate(), gate()];
    const beforeLayer = (layer: number) => {
      if (layer !== stopAt) return undefined;
      stopped.open();
      return held.opened;
    };
    return inWorld({ beforeLayer }, async ({ tier, manifest, edge, cloud }) => {
      const abort = new AbortController();
      const failure = tier.infer(afterMobile(manifest), abort.signal).catch((reason: unknown) => reason);
      await stopped.opened;
      abort.abort();
      // Time for the cancel to arrive, wherever the tier runs.
      await pause(100);
      held.open();
      expect(isAbort(await failure)).toBe(true);
      await pause(20);
      expect([edge.layersRun, cloud.layersRun]).toEqual([onEdge, onCloud]);
    });
  });

  test('ER3: a request that takes longer than its deadline is DEADLINE_EXCEEDED and runs no further layer', () =>
    inWorld({ beforeLayer: () => pause(25) }, async ({ tier, manifest, edge, cloud }) => {
      const failure = await failureOf(tier.infer({ ...afterMobile(manifest), deadlineMs: 60 }, never()));
      expect(failure).toMatchObject({ code: 'DEADLINE_EXCEEDED', retryable: true });
      await pause(60);
      expect(edge.layersRun.length + cloud.layersRun.length).toBeLessThan(5);
    }));
}
