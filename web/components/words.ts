import type { TierName } from '../../core/layers';
import type { Interval } from '../../core/numbers/bootstrap';
import { fixed } from '../../core/numbers/fixed';
import type { ThresholdWorth } from '../state/threshold-worth';
import type { Words } from '../words/en';
import { localised, range, shortWords, withDigits } from '../words/numbers.svelte';
import type { WorkerMessage } from '../../core/protocol/page-messages';
import type { WorkerTier } from '../state/WorkerTier.svelte';

type BackendMessage = Extract<WorkerMessage, { type: 'backend' }>;
type ProgressMessage = Extract<WorkerMessage, { type: 'progress' }>;

/** In the language that is read. */
export const TIER_TITLES: Readonly<Record<TierName, string>> = {
  get mobile() {
    return shortWords().tiers.mobile;
  },
  get edge() {
    return shortWords().tiers.edge;
  },
  get cloud() {
    return shortWords().tiers.cloud;
  },
};

type StatusWords = Words['shell']['status'];

export function backendText(backend: BackendMessage | undefined, words: StatusWords): string {
  if (!backend) return words.starting;
  const where =
    backend.backend === 'webgpu'
      ? `WebGPU${backend.adapter ? ` · ${backend.adapter}` : ''}`
      : `WASM · ${words.threads(backend.threads)}`;
  return `${where} · ${backend.variant}`;
}

/** `runsAll` is whether this device has all layers. */
export function edgeText(
  { edge, edgesConnected: { open, of } }: Pick<WorkerTier, 'edge' | 'edgesConnected'>,
  runsAll: boolean,
  words: StatusWords,
): string {
  switch (edge.state) {
    case 'none':
      return words.noneAsked;
    case 'connecting':
      return words.connecting;
    case 'open':
      return of > 1 ? words.connectedOf(open, of) : words.connected;
    case 'down':
      if (edge.wantsToken) return words.wantsToken;
      return runsAll ? words.downAllHere(edge.reason) : words.down(edge.reason);
  }
}

export function progressText({ loadedBytes, totalBytes, cachedBytes }: ProgressMessage, words: StatusWords): string {
  const cached = cachedBytes > 0 ? ` · ${words.fromCache(megabytes(cachedBytes))}` : '';
  const total = megabytes(totalBytes);
  return (loadedBytes < totalBytes ? words.loadedOf(megabytes(loadedBytes), total) : words.loaded(total)) + cached;
}

export function percent(share: number, digits = 1): string {
  return Number.isFinite(share) ? `${withDigits(100 * share, digits)} %` : '–';
}

/** A share in whole percent; one that is not nothing never reads as zero. */
export function wholePercent(share: number): string {
  return share > 0 && share < 0.005 ? '<1 %' : percent(share, 0);
}

export function decimal(value: number, digits = 2): string {
  return Number.isFinite(value) ? withDigits(value, digits) : '–';
}

/** A number with so many digits after its point, and a minus that is as wide as a plus. */
export function signed(value: number, digits: number): string {
  return localised(fixed(value, digits)).replace('-', '−');
}

export function rangeInWords([low, high]: Interval, digits: number): string {
  return range(signed(low, digits), signed(high, digits));
}

export function milliseconds(value: number): string {
  if (Number.isNaN(value)) return '–';
  return `${value < 10 ? withDigits(value, 1) : Math.round(value)} ms`;
}

export function bytes(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (value === 0) return '0';
  return value < 1000 ? `${value} B` : `${withDigits(value / 1000, 1)} kB`;
}

export function megabytes(value: number): string {
  return `${withDigits(value / 1e6, 1)} MB`;
}

/** What a threshold has to go by, for beside its slider; undefined where that is not known, as where all are right. */
export function worthInWords(worth: ThresholdWorth | undefined, { auroc }: Pick<Words['settings'], 'auroc'>) {
  if (!worth || Number.isNaN(worth.auroc)) return undefined;
  return { text: auroc.name(decimal(worth.auroc)), hint: auroc.hint(worth.layer) };
}
