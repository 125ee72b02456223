import { afterEach, describe, expect, test, vi } from 'vitest';
import { toLayer } from '../core/layers';
import { DimeeError } from '../core/errors';
import { StateCodecs } from '../core/payload/state-codecs';
import { decodeTensorFrame } from '../core/protocol/tensor-frame';
import { fakeModelWithPolicyFiles } from '../core/testing/fake-policy-files';
import { gate } from '../core/testing/gate';
import { EDGE, loadMessage, makeWorld, manifest, readCodecs, runMessage } from './testing/mobile-world';

afterEach(() => void vi.useRealTimers());

const gone = new DimeeError('MODEL_UNAVAILABLE', 'It is gone.');

describe('with an edge', () => {
  test('the next samples compute here while the edge works on earlier ones', async () => {
    const edgeWorks = gate();
    const { tier, of, finished, runtimes } = makeWorld({ edge: () => edgeWorks.opened });
    tier.load({ ...loadMessage, edges: [{ url: EDGE }] });
    tier.run(runMessage(5));
    await vi.waitFor(() => expect(runtimes[0]?.layersRun).toHaveLength(5 * 4));
    expect(of('result')).toEqual([]);
    edgeWorks.open();
    await finished(1);
    expect(of('result')).toHaveLength(5);
    expect(of('result')[0]?.result.ranLocally).toBeUndefined();
  });

  test('no more than 16 samples are beyond this device at once', async () => {
    const edgeWorks = gate();
    const { tier, of, finished, runtimes } = makeWorld({ edge: () => edgeWorks.opened });
    tier.load({ ...loadMessage, edges: [{ url: EDGE }] });
    tier.run(runMessage(40));
    await vi.waitFor(() => expect(runtimes[0]?.layersRun.length).toBeGreaterThanOrEqual(16 * 4));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(runtimes[0]?.samplesEmbedded.length).toBeLessThanOrEqual(17);
    edgeWorks.open();
    await finished(1);
    expect(of('result')).toHaveLength(40);
  });

  test('a coded payload crosses through the codec of its layer', async () => {
    const { tier, of, finished, network } = makeWorld();
    tier.load({ ...loadMessage, edges: [{ url: EDGE }] });
    tier.run(runMessage(1, { payloadDtype: 'coded96' }));
    await finished(1);
    const result = of('result')[0]?.result;
    expect(result).toMatchObject({ ranLocally: undefined, steps: expect.objectContaining({ length: 12 }) });
    const frames = network.connections[0]?.client.sent.filter((message) => typeof message !== 'string');
    const read = frames?.map((frame) => decodeTensorFrame(frame as Uint8Array, readCodecs));
    expect(read).toMatchObject([{ dtype: readCodecs.get(toLayer(4)), state: { tokens: result?.tokens } }]);
  });

  test('a coded payload whose codec cannot be had is run here, and says why', async () => {
    const { tier, of, finished } = makeWorld({ codecs: new StateCodecs(manifest, () => Promise.reject(gone)) });
    tier.load({ ...loadMessage, edges: [{ url: EDGE }] });
    tier.run(runMessage(1, { payloadDtype: 'coded96' }));
    await finished(1);
    expect(of('result')[0]?.result).toMatchObject({ steps: expect.objectContaining({ length: 12 }) });
    expect(of('result')[0]?.result.ranLocally).toBe('It is gone, so this device ran the deeper layers itself.');
  });

  test('the page hears the first answer of a sample before the one that is refined there', async () => {
    const { policyFiles } = fakeModelWithPolicyFiles();
    const { tier, of, heard, finished } = makeWorld({ policyFiles });
    tier.load({ ...loadMessage, edges: [{ url: EDGE }] });
    tier.run(runMessage(1, { policy: { id: 'fusion', parameters: { mobileThreshold: 1, edgeThreshold: 1 } } }));
    await finished(1);
    const types = heard.map(({ type }) => type).filter((type) => type === 'provisional' || type === 'result');
    expect(types).toEqual(['provisional', 'result']);
    const result = of('result')[0]?.result;
    const logits = result?.steps.slice(0, 4).map((step) => step.logits);
    expect(of('provisional')).toEqual([{ type: 'provisional', runId: 1, sampleKey: 'key-0', logits }]);
    expect(result).toMatchObject({ ranLocally: undefined, steps: expect.objectContaining({ length: 12 }) });
  });

  test('the page hears how the connection stands', async () => {
    const { tier, of } = makeWorld();
    tier.load({ ...loadMessage, edges: [{ url: EDGE }] });
    await vi.waitFor(() => expect(of('edge').map(({ status }) => status.state)).toContain('open'));
    expect(of('edge')[0]?.status).toEqual({ state: 'connecting' });
  });

  test('that cannot be reached, everything runs here', async () => {
    vi.useFakeTimers();
    const { tier, of, finished } = makeWorld();
    tier.load({ ...loadMessage, edges: [{ url: 'ws://nobody/v1/tier' }] });
    tier.run(runMessage(3));
    await vi.advanceTimersByTimeAsync(3000);
    await finished(1);
    expect(of('result').map(({ result }) => result.steps.length)).toEqual([12, 12, 12]);
    expect(of('result')[0]?.result.ranLocally).toMatch(/ws:\/\/nobody.* does not answer, so this device/);
  });
});
