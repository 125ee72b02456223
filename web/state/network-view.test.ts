import { describe, expect, it } from 'vitest';
import { stretchesOf, toLayer } from '../../core/layers';
import { DEFAULT_LAYER_TIMES, stateBytesPerToken } from '../../core/network/equipment';
import { modelJourney } from '../../core/network/journey';
import { accessOf, LINKS } from '../../core/network/profiles';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { equipmentOf, layerTimesOf, type Modelled, networkViewOf, timeSourcesOf } from './network-view';
import { Settings } from './Settings.svelte';
import type { SentenceRow } from './shown-sentence';

const manifest = fakeManifest();

/** A sentence of 16 tokens whose layers took 2 ms each, 4 ms at 32 tokens. */
function rowAt(exitLayer: number): SentenceRow {
  const steps = Array.from({ length: exitLayer }, () => ({ tier: 'mobile', computeMs: 2 }));
  const outcome = { exit: { layer: exitLayer }, tier: exitLayer > 4 ? 'edge' : 'mobile' };
  return { texts: ['Käse, ja.'], climbed: { tokens: 16, steps }, outcome } as unknown as SentenceRow;
}

function pageWith(rows: readonly SentenceRow[]) {
  const settings = new Settings(manifest);
  settings.set({ source: 'sentences', network: '3g' });
  const sentences = { count: rows.length, rowAt: (index: number) => rows[index] };
  const { policy, parameters, stretches } = settings;
  const fitting = { decision: { policy, parameters, stretches } };
  return { settings, page: { settings, sentences, fitting, device: { layerMs: undefined } } as unknown as Modelled };
}

describe('the time of a layer', () => {
  it('is measured where something ran, and an assumption elsewhere', () => {
    expect(layerTimesOf(pageWith([]).page)).toEqual(DEFAULT_LAYER_TIMES);
    expect(layerTimesOf(pageWith([rowAt(3)]).page)).toEqual({ ...DEFAULT_LAYER_TIMES, mobile: 4 });
  });

  it('is the device’s where it was measured and nothing has run, and the sentences’ where something has', () => {
    const device = { layerMs: 2.5 };
    const [idle, used] = [pageWith([]).page, pageWith([rowAt(3)]).page];
    expect(layerTimesOf({ ...idle, device }).mobile).toBe(2.5);
    expect(timeSourcesOf({ ...idle, device })).toEqual({ mobile: 'device', edge: 'assumed', cloud: 'assumed' });
    expect(layerTimesOf({ ...used, device }).mobile).toBe(4);
    expect(timeSourcesOf({ ...used, device })).toEqual({ mobile: 'sentences', edge: 'assumed', cloud: 'assumed' });
    expect(timeSourcesOf(idle).mobile).toBe('assumed');
  });

  it('is what the person sets, where they do', () => {
    const { settings, page } = pageWith([rowAt(3)]);
    settings.set({ layerTimes: 'set', mobileLayerMs: 7, cloudLayerMs: 0.2 });
    expect(layerTimesOf({ ...page, device: { layerMs: 1 } })).toEqual({
      ...DEFAULT_LAYER_TIMES,
      mobile: 7,
      cloud: 0.2,
    });
    expect(timeSourcesOf(page)).toEqual({ mobile: 'set', edge: 'set', cloud: 'set' });
  });
});

describe('what the page shows of a network', () => {
  it('is modelled on the person’s sentences, their text and their exits', () => {
    const { settings, page } = pageWith([rowAt(6)]);
    const equipment = equipmentOf(page);
    expect(equipment.stateBytesPerToken).toEqual(stateBytesPerToken(manifest, 'int8'));
    const journey = { exitLayer: toLayer(6), tokens: 16, textBytes: 10 };
    const far = modelJourney({ ...journey, stretches: settings.stretches }, equipment, accessOf('3g', LINKS['3g']));
    const view = networkViewOf(page);
    expect(view?.policy.meanMs).toBeCloseTo(far.latencyMs, 9);
    const stretches = stretchesOf('cloud', settings.plan, 12);
    const whole = modelJourney(
      { ...journey, exitLayer: toLayer(12), stretches },
      equipment,
      accessOf('3g', LINKS['3g']),
    );
    expect(view?.allCloud?.meanMs).toBeCloseTo(whole.latencyMs, 9);
  });

  it('has no cloud offline', () => {
    const { settings, page } = pageWith([rowAt(6)]);
    settings.setNetwork('offline');
    expect(networkViewOf(page)).toMatchObject({ policy: { meanMs: 12, bytesUp: 0 }, allCloud: undefined });
  });

  it('is nothing before anything has run', () => {
    expect(networkViewOf(pageWith([]).page)).toBeUndefined();
  });

  it('looks at some hundreds of many thousand sentences, spread over all', () => {
    const asked: number[] = [];
    const { page } = pageWith([]);
    const sentences = { count: 30_000, rowAt: (index: number) => (asked.push(index), rowAt(2)) };
    expect(networkViewOf({ ...page, sentences } as unknown as Modelled)?.policy.p50Ms).toBeCloseTo(4, 1);
    expect(Math.max(...asked)).toBe(29_900);
    expect(new Set(asked).size).toBe(300);
  });
});

describe('the network that is set', () => {
  it('becomes a custom one when a number of it moves, and keeps the others', () => {
    const { settings } = pageWith([]);
    settings.setNetworkLink({ roundTripMs: 120 });
    expect(settings.fields.network).toBe('custom');
    expect(settings.networkLink).toEqual({ ...LINKS['3g'], roundTripMs: 120 });
    settings.setNetwork('wifi');
    expect(settings.networkLink).toEqual(LINKS.wifi);
    settings.setNetwork('custom');
    expect(settings.networkLink).toEqual(LINKS.wifi);
  });

  it('comes back from a link', async () => {
    const [sender, receiver] = [pageWith([]).settings, new Settings(manifest)];
    sender.setNetworkLink({ upMbps: 0.3 });
    sender.set({ edgeToCloudMs: 55, layerTimes: 'set', mobileLayerMs: 12.5 });
    expect(await receiver.applyLink(await sender.link())).toBeUndefined();
    expect({ ...receiver.fields }).toEqual({ ...sender.fields });
  });
});
