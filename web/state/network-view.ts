import type { Texts } from '../../core/model/tokens';
import { type Equipment, type LayerTimes, stateBytesPerToken } from '../../core/network/equipment';
import type { Journey } from '../../core/network/journey';
import { measuredLayerTimes } from '../../core/network/layer-times';
import { modelRun, type NetworkRun } from '../../core/network/network-run';
import { accessOf } from '../../core/network/profiles';
import { allCloudJourneys, traceJourneys, wayOf } from '../../core/network/trace-journeys';
import type { Playground } from './Playground.svelte';
import type { SentenceRow } from './shown-sentence';

/** Sentences that are modelled whenever one of them changes. */
const MODELLED_SENTENCES = 300;

/** Sentences whose layers’ times are looked at: enough for a median. */
const TIMED_SENTENCES = 50;

/** Milliseconds of a layer on the tiers that have run any of the person's sentences. */
export function measuredTimes({ sentences }: Pick<Playground, 'sentences'>): Partial<LayerTimes> {
  return measuredLayerTimes(rowsOf(sentences, TIMED_SENTENCES).map(({ climbed }) => climbed));
}

/** What has been measured here, unless the person sets the times themselves; what they set for the rest. */
export function layerTimesOf(playground: Pick<Playground, 'sentences' | 'settings'>): LayerTimes {
  const { mobileLayerMs, edgeLayerMs, cloudLayerMs, layerTimes } = playground.settings.fields;
  const set = { mobile: mobileLayerMs, edge: edgeLayerMs, cloud: cloudLayerMs };
  return layerTimes === 'measured' ? { ...set, ...measuredTimes(playground) } : set;
}

export function equipmentOf(playground: Pick<Playground, 'sentences' | 'settings' | 'manifest'>): Equipment {
  const { edgeToCloudMs, payload } = playground.settings.fields;
  const { manifest } = playground;
  return {
    layerMs: layerTimesOf(playground),
    edgeToCloudMs,
    stateBytesPerToken: stateBytesPerToken(manifest, payload),
  };
}

/** What hero and charts show, as it would be over the network that is set. */
export interface NetworkView {
  readonly policy: NetworkRun;
  /** Undefined where the cloud is out of reach. */
  readonly allCloud: NetworkRun | undefined;
}

/** Undefined while there is nothing to show. */
export function networkViewOf(playground: Playground): NetworkView | undefined {
  const { settings, manifest } = playground;
  const journeys = settings.fields.source === 'sentences' ? ownJourneys(playground) : devJourneys(playground);
  if (journeys.length === 0) return undefined;
  const equipment = equipmentOf(playground);
  const access = accessOf(settings.fields.network, settings.networkLink);
  const whole = access && allCloudJourneys(journeys, settings.plan, manifest.layers);
  return {
    policy: modelRun(journeys, equipment, access),
    allCloud: whole && modelRun(whole, equipment, access),
  };
}

function devJourneys({ devSplit: { calibrated, result }, fitting: { decision } }: Playground): Journey[] {
  return calibrated && result && decision ? traceJourneys(calibrated, result, decision) : [];
}

function ownJourneys({ sentences, fitting: { decision } }: Playground): Journey[] {
  if (!decision) return [];
  return rowsOf(sentences, MODELLED_SENTENCES).flatMap(({ outcome, climbed, texts }) => {
    if (!outcome) return [];
    const exitLayer = outcome.exit.layer;
    const stretches = wayOf(decision, outcome.tier, exitLayer);
    return { stretches, exitLayer, tokens: climbed.tokens, textBytes: bytesOf(texts) };
  });
}

/** All rows, or so many that lie evenly among all. */
function rowsOf(sentences: Pick<Playground['sentences'], 'count' | 'rowAt'>, most: number): SentenceRow[] {
  const { count } = sentences;
  const looked = Math.min(count, most);
  return Array.from(
    { length: looked },
    (_, index) => sentences.rowAt(Math.floor((index * count) / looked)) ?? [],
  ).flat();
}

const encoder = new TextEncoder();
const byteLengths = new WeakMap<Texts, number>();

/** UTF-8 bytes of a sample; counted once. */
function bytesOf(texts: Texts): number {
  const found = byteLengths.get(texts) ?? encoder.encode(texts.join('\t')).byteLength;
  byteLengths.set(texts, found);
  return found;
}
