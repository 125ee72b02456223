import { describe, expect, test, vi } from 'vitest';
import { DimeeError } from '../core/errors';
import { gate } from '../core/testing/gate';
import { EDGE, loadMessage, makeWorld, runMessage } from './testing/mobile-world';

describe('load', () => {
  test('tells of a model that cannot be had, fails the runs that wait for it, and can be asked again', async () => {
    const failures = [new DimeeError('MODEL_UNAVAILABLE', 'There is no model.')];
    const { tier, of, finished } = makeWorld({
      beforeOpen: () => {
        const failure = failures.pop();
        return failure ? Promise.reject(failure) : Promise.resolve();
      },
    });
    tier.load(loadMessage);
    tier.run(runMessage(2));
    await finished(1);
    expect(of('broken').map(({ error }) => error.code)).toEqual(['MODEL_UNAVAILABLE']);
    expect(of('failed').map(({ error }) => error.message)).toEqual(['There is no model.', 'There is no model.']);
    tier.load(loadMessage);
    tier.run(runMessage(1, { runId: 2 }));
    await finished(2);
    expect(of('ready')).toHaveLength(1);
    expect(of('result')).toHaveLength(1);
  });

  test('of more mobile layers keeps the model and the states of its samples', async () => {
    const { tier, of, finished, runtimes } = makeWorld();
    tier.load(loadMessage);
    tier.run(runMessage(1, { policy: { id: 'all-mobile', parameters: {} } }));
    await finished(1);
    tier.load({ ...loadMessage, mobileLayers: 6 });
    await vi.waitFor(() => expect(of('ready')).toHaveLength(2));
    const priorLogits = of('result')[0]?.result.steps.map(({ logits }) => logits) ?? [];
    const samples = runMessage(1).samples.map((sample) => ({ ...sample, priorLogits }));
    tier.run(
      runMessage(1, {
        runId: 2,
        samples,
        policy: { id: 'all-mobile', parameters: {} },
        plan: { mobileLayers: 6, edgeLayers: 8 },
      }),
    );
    await finished(2);
    expect(of('result')[1]?.result).toMatchObject({ stepsAfter: 4 });
    expect(runtimes).toHaveLength(1);
    expect(runtimes[0]?.layersRun).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('of another variant opens a new model, and closes the old one after the runs that use it', async () => {
    const oneLayer = gate();
    const { tier, of, finished, runtimes, disposed } = makeWorld({
      mobile: (layer) => (layer === 2 ? oneLayer.opened : undefined),
    });
    tier.load(loadMessage);
    tier.run(runMessage(1));
    await vi.waitFor(() => expect(runtimes[0]?.layersRun).toEqual([1]));
    tier.load({ ...loadMessage, variant: 'fp16' });
    tier.run(runMessage(1, { runId: 2 }));
    await vi.waitFor(() => expect(of('ready')).toHaveLength(2));
    expect(disposed).toEqual([]);
    oneLayer.open();
    await finished(2);
    expect(disposed).toEqual([0]);
    expect(runtimes.map(({ layersRun }) => layersRun.length)).toEqual([12, 12]);
    expect(of('backend').map(({ variant }) => variant)).toEqual(['auto', 'fp16']);
  });

  test('a model that has been replaced before it was there is not heard of any more', async () => {
    const first = gate();
    const waits = [first.opened];
    const { tier, of } = makeWorld({ beforeOpen: () => waits.pop() ?? Promise.resolve() });
    tier.load(loadMessage);
    tier.load({ ...loadMessage, variant: 'fp16' });
    await vi.waitFor(() => expect(of('ready')).toHaveLength(1));
    first.open();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(of('backend').map(({ variant }) => variant)).toEqual(['fp16']);
    expect(of('ready')).toHaveLength(1);
  });

  test('of another edge keeps the model and connects there', async () => {
    const { tier, of, finished, runtimes, network } = makeWorld();
    tier.load(loadMessage);
    tier.run(runMessage(1));
    tier.load({ ...loadMessage, edges: [{ url: EDGE }] });
    tier.run(runMessage(1, { runId: 2, samples: [{ sampleKey: 'other', texts: ['sample 3'], priorLogits: [] }] }));
    await finished(2);
    expect(of('result').map(({ result }) => result.ranLocally === undefined)).toEqual([false, true]);
    expect(runtimes).toHaveLength(1);
    tier.load(loadMessage);
    await vi.waitFor(() => expect(network.connections[0]?.client.closed?.code).toBe(1000));
  });
});
