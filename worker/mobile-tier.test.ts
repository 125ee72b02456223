import { describe, expect, test, vi } from 'vitest';
import { DimeeError } from '../core/errors';
import { gate } from '../core/testing/gate';
import { EDGE, loadMessage, makeWorld, runMessage } from './testing/mobile-world';

describe('a run', () => {
  test('answers every sample, in their order, and then says that it is finished', async () => {
    const { tier, of, heard, finished } = makeWorld();
    tier.load(loadMessage);
    tier.run(runMessage(20, { policy: { id: 'all-mobile', parameters: {} } }));
    expect(await finished(1)).toEqual({ type: 'finished', runId: 1, stopped: false });
    expect(of('result').map(({ sampleKey }) => sampleKey)).toEqual(
      runMessage(20).samples.map((sample) => sample.sampleKey),
    );
    expect(of('result')[0]?.result).toMatchObject({ stepsAfter: 0, ranLocally: undefined });
    expect(heard.at(-1)?.type).toBe('finished');
  });

  test('waits for a model that is still being opened, and for no more of it than it needs', async () => {
    const [opening, preparing] = [gate(), gate()];
    const { tier, of, finished } = makeWorld({
      beforeOpen: () => opening.opened,
      beforePrepared: () => preparing.opened,
    });
    tier.load(loadMessage);
    tier.run(runMessage(1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(of('result')).toEqual([]);
    opening.open();
    await finished(1);
    expect(of('result')).toHaveLength(1);
    expect(of('ready')).toEqual([]);
    preparing.open();
    await vi.waitFor(() => expect(of('ready')).toHaveLength(1));
  });

  test('goes on after a sample that fails', async () => {
    let calls = 0;
    const { tier, of, finished } = makeWorld({
      mobile: () => {
        if (++calls === 2) throw new DimeeError('INTERNAL', 'It fell over.');
      },
    });
    tier.load(loadMessage);
    tier.run(runMessage(3, { policy: { id: 'all-mobile', parameters: {} } }));
    expect(await finished(1)).toMatchObject({ stopped: false });
    expect(of('failed')).toEqual([
      {
        type: 'failed',
        runId: 1,
        sampleKey: 'key-0',
        error: { code: 'INTERNAL', message: 'It fell over.', retryable: false, retryAfterMs: undefined },
      },
    ]);
    expect(of('result').map(({ sampleKey }) => sampleKey)).toEqual(['key-1', 'key-2']);
  });

  test('in which the runtime is lost tells so once, and nothing after it is believed', async () => {
    let calls = 0;
    const { tier, heard, of } = makeWorld({
      mobile: () => {
        if (++calls > 5) throw new DimeeError('RUNTIME_LOST', 'The GPU was lost.', { retryable: true });
      },
    });
    tier.load(loadMessage);
    tier.run(runMessage(4, { policy: { id: 'all-mobile', parameters: {} } }));
    await vi.waitFor(() => expect(of('lost')).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(of('lost')[0]).toMatchObject({ error: { message: 'The GPU was lost.' }, during: 'run' });
    expect([of('result').length, of('failed').length, of('finished').length]).toEqual([1, 0, 0]);
    expect(heard.at(-1)?.type).toBe('lost');
  });

  test('with a policy that does not exist fails sample by sample, and finishes', async () => {
    const { tier, of, finished } = makeWorld();
    tier.load(loadMessage);
    tier.run(runMessage(2, { policy: { id: 'hope', parameters: {} } }));
    await finished(1);
    expect(of('failed').map(({ error }) => error.code)).toEqual(['BAD_INPUT', 'BAD_INPUT']);
  });

  test('before any load fails, and finishes', async () => {
    const { tier, of, finished } = makeWorld();
    tier.run(runMessage(1));
    await finished(1);
    expect(of('failed').map(({ error }) => error.code)).toEqual(['MODEL_UNAVAILABLE']);
  });

  test('comes after the runs asked for before it', async () => {
    const { tier, of, finished } = makeWorld();
    tier.load(loadMessage);
    tier.run(runMessage(3));
    tier.run(runMessage(2, { runId: 2 }));
    await finished(2);
    expect(of('result').map(({ runId }) => runId)).toEqual([1, 1, 1, 2, 2]);
    expect(of('finished').map(({ runId }) => runId)).toEqual([1, 2]);
  });
});

describe('stop', () => {
  test('ends a run before its next layer, and its remaining samples are not heard of', async () => {
    const { tier, of, finished, runtimes } = makeWorld({
      mobile: (layer) => {
        if (layer === 3) tier.stop(1);
      },
    });
    tier.load(loadMessage);
    tier.run(runMessage(5));
    expect(await finished(1)).toEqual({ type: 'finished', runId: 1, stopped: true });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(runtimes[0]?.layersRun).toEqual([1, 2, 3]);
    expect([...of('result'), ...of('failed')]).toEqual([]);
  });

  test('cancels what is at the edge', async () => {
    const atEdge = gate();
    const { tier, network, finished } = makeWorld({
      edge: () => {
        atEdge.open();
        return new Promise(() => undefined);
      },
    });
    tier.load({ ...loadMessage, edges: [{ url: EDGE }] });
    tier.run(runMessage(2));
    await atEdge.opened;
    tier.stop(1);
    expect(await finished(1)).toMatchObject({ stopped: true });
    const sent = network.connections[0]?.client.sentMessages ?? [];
    expect(sent.filter(({ type }) => type === 'cancel').length).toBeGreaterThanOrEqual(1);
  });

  test('is heard at once by a run that waits for a download, and by one that waits for its turn', async () => {
    const { tier, of, finished } = makeWorld({ mobile: () => new Promise(() => undefined) });
    tier.load(loadMessage);
    tier.run(runMessage(1));
    tier.run(runMessage(1, { runId: 2 }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    tier.stop(2);
    tier.stop(1);
    expect(await finished(1)).toMatchObject({ stopped: true });
    expect(await finished(2)).toMatchObject({ stopped: true });
    expect(of('result')).toEqual([]);
  });

  test('is heard while the model is being opened; an unknown run is not minded', async () => {
    const { tier, finished } = makeWorld({ beforeOpen: () => new Promise(() => undefined) });
    tier.load(loadMessage);
    tier.run(runMessage(1));
    tier.stop(7);
    tier.stop(1);
    expect(await finished(1)).toMatchObject({ stopped: true });
  });
});
