import type { TierName } from '../../core/layers';
import type { Interval } from '../../core/numbers/bootstrap';
import { fixed } from '../../core/numbers/fixed';
import type { WorkerMessage } from '../../core/protocol/page-messages';
import type { SourceName } from '../../core/view/fields';
import type { EdgeStatus } from '../state/WorkerTier.svelte';

type BackendMessage = Extract<WorkerMessage, { type: 'backend' }>;
type ProgressMessage = Extract<WorkerMessage, { type: 'progress' }>;

export const TIER_TITLES: Readonly<Record<TierName, string>> = { mobile: 'Mobile', edge: 'Edge', cloud: 'Cloud' };

/** What a saved picture says it is of. */
export const SOURCE_NAMES: Readonly<Record<SourceName, string>> = {
  dev: 'dev split',
  sentences: 'own sentences',
  file: 'own file',
};

/** Of samples that nobody can take on at the moment. */
export const WAITING = 'waiting for the edge or deeper layers';

export function backendText(backend: BackendMessage | undefined): string {
  if (!backend) return 'Starting …';
  const where =
    backend.backend === 'webgpu'
      ? `WebGPU${backend.adapter ? ` · ${backend.adapter}` : ''}`
      : `WASM · ${backend.threads} ${backend.threads === 1 ? 'thread' : 'threads'}`;
  return `${where} · ${backend.variant}`;
}

/** `runsAll` is whether this device has all layers. */
export function edgeText(edge: EdgeStatus, runsAll: boolean): string {
  switch (edge.state) {
    case 'none':
      return 'No edge: this page runs all layers on this device';
    case 'connecting':
      return 'Edge connecting …';
    case 'open':
      return 'Edge connected';
    case 'down':
      return `No edge${runsAll ? ', all layers run here' : ''} (${edge.reason})`;
  }
}

export function progressText({ loadedBytes, totalBytes, cachedBytes }: ProgressMessage): string {
  const cached = cachedBytes > 0 ? ` · ${megabytes(cachedBytes)} from cache` : '';
  return loadedBytes < totalBytes
    ? `${megabytes(loadedBytes)} of ${megabytes(totalBytes)}${cached}`
    : `${megabytes(totalBytes)} loaded${cached}`;
}

export function percent(share: number, digits = 1): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(digits)} %` : '–';
}

/** A share in whole percent; one that is not nothing never reads as zero. */
export function wholePercent(share: number): string {
  return share > 0 && share < 0.005 ? '<1 %' : percent(share, 0);
}

export function decimal(value: number, digits = 2): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}

/** A number with so many digits after its point, and a minus that is as wide as a plus. */
export function signed(value: number, digits: number): string {
  return fixed(value, digits).replace('-', '−');
}

export function rangeInWords([low, high]: Interval, digits: number): string {
  return `${signed(low, digits)} to ${signed(high, digits)}`;
}

export function milliseconds(value: number): string {
  if (Number.isNaN(value)) return '–';
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

export function bytes(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (value === 0) return '0';
  return value < 1000 ? `${value} B` : `${(value / 1000).toFixed(1)} kB`;
}

export function megabytes(value: number): string {
  return `${(value / 1e6).toFixed(1)} MB`;
}
