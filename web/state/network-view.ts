import type { Texts } from '../../core/model/tokens';
import { type Equipment, type LayerTimes, stateBytesPerToken } from '../../core/network/equipment';
import type { Journey } from '../../core/network/journey';
import { measuredLayerTimes } from '../../core/network/layer-times';
import { modelRun, type NetworkRun } from '../../core/network/network-run';
import { accessOf } from '../../core/network/profiles';
import { allCloudJourneys, traceJourneys, wayOf } from '../../core/network/trace-journeys';
import type { OwnData } from '../own-data/OwnData.svelte';
import type { DevSplit } from './DevSplit.svelte';
import type { Fitting } from './Fitting.svelte';
import type { Sentences } from './Sentences.svelte';
import type { Settings } from './Settings.svelte';
import type { SentenceRow } from './shown-sentence';

/** Sentences that are modelled whenever one of them changes. */
const MODELLED_SENTENCES = 300;

/** Sentences whose layers’ times are looked at: enough for a median. */
const TIMED_SENTENCES = 50;

/** What times are taken from: what is set, and what has run here. */
export interface Timed {
  readonly settings: Settings;
  readonly sentences: Pick<Sentences, 'count' | 'rowAt'>;
}

/** What a network is modelled from. */
export interface Modelled extends Timed {
  readonly devSplit: Pick<DevSplit, 'calibrated' | 'result'>;
  readonly fitting: Pick<Fitting, 'decision'>;
  readonly ownData: Pick<OwnData, 'answers'>;
}

/** Milliseconds of a layer on the tiers that have run any of the person's sentences. */
export function measuredTimes({ sentences }: Pick<Timed, 'sentences'>): Partial<LayerTimes> {
  return measuredLayerTimes(rowsOf(sentences, TIMED_SENTENCES).map(({ climbed }) => climbed));
}

/** What has been measured here, unless the person sets the times themselves; what they set for the rest. */
export function layerTimesOf({ settings, sentences }: Timed): LayerTimes {
  const { mobileLayerMs, edgeLayerMs, cloudLayerMs, layerTimes } = settings.fields;
  const set = { mobile: mobileLayerMs, edge: edgeLayerMs, cloud: cloudLayerMs };
  return layerTimes === 'measured' ? { ...set, ...measuredTimes({ sentences }) } : set;
}

export function equipmentOf(timed: Timed): Equipment {
  const { fields, manifest } = timed.settings;
  const { edgeToCloudMs, payload } = fields;
  return { layerMs: layerTimesOf(timed), edgeToCloudMs, stateBytesPerToken: stateBytesPerToken(manifest, payload) };
}

/** What hero and charts show, as it would be over the network that is set. */
export interface NetworkView {
  readonly policy: NetworkRun;
  /** Undefined where the cloud is out of reach. */
  readonly allCloud: NetworkRun | undefined;
}

/** Undefined while there is nothing to show. */
export function networkViewOf(modelled: Modelled): NetworkView | undefined {
  const { settings } = modelled;
  const journeys = journeysOf(modelled);
  if (journeys.length === 0) return undefined;
  const equipment = equipmentOf(modelled);
  const access = accessOf(settings.fields.network, settings.networkLink);
  const whole = access && allCloudJourneys(journeys, settings.plan, settings.manifest.layers);
  return {
    policy: modelRun(journeys, equipment, access),
    allCloud: whole && modelRun(whole, equipment, access),
  };
}

function journeysOf(modelled: Modelled): Journey[] {
  const { settings, devSplit, ownData, fitting } = modelled;
  const { source } = settings.fields;
  if (source === 'sentences') return sentenceJourneys(modelled);
  const { calibrated } = source === 'file' ? ownData.answers : devSplit;
  const evaluation = source === 'file' ? ownData.answers.evaluation : devSplit.result;
  const { decision } = fitting;
  return calibrated && evaluation && decision ? traceJourneys(calibrated, evaluation, decision) : [];
}

function sentenceJourneys({ sentences, fitting: { decision } }: Modelled): Journey[] {
  if (!decision) return [];
  return rowsOf(sentences, MODELLED_SENTENCES).flatMap(({ outcome, climbed, texts }) => {
    if (!outcome) return [];
    const exitLayer = outcome.exit.layer;
    const stretches = wayOf(decision, outcome.tier, exitLayer);
    return { stretches, exitLayer, tokens: climbed.tokens, textBytes: bytesOf(texts) };
  });
}

/** All rows, or so many that lie evenly among all. */
function rowsOf(sentences: Timed['sentences'], most: number): SentenceRow[] {
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
