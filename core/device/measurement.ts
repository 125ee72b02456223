import { at } from '../numbers/at';
import { REFERENCE_TOKENS } from '../network/equipment';
import type { Backend } from '../protocol/page-messages';

/** Lengths of the samples that layers are timed on. */
export const MEASURED_TOKENS = [8, REFERENCE_TOKENS, 128] as const;

/** What layers can run on. */
export interface Configuration {
  readonly backend: Backend;
  /** Threads of the WASM runtime. */
  readonly threads: number;
  /** Weights, one of the model's variants. */
  readonly variant: string;
}

/** How fast a layer is in one configuration. */
export interface MeasuredRow extends Configuration {
  /** Cold: starting the runtime, opening the layer's file, and its first run, of 8 tokens. */
  readonly runtimeMs: number;
  readonly openMs: number;
  readonly firstMs: number;
  /** Warm: the median of one layer, for each of `MEASURED_TOKENS`. */
  readonly layerMs: readonly number[];
  /**
   * Whether it gave the labels of WASM to a check sentence. WASM itself is what others are measured against; `unchecked`
   * where WASM's labels are not known.
   */
  readonly check: 'reference' | 'same' | 'other' | 'unchecked';
}

/** A configuration that could not be measured, and why. */
export interface SkippedRow extends Configuration {
  readonly reason: string;
}

/** All that was measured of a device at one time. */
export interface DeviceMeasurement {
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly userAgent: string;
  readonly cores: number;
  /** The GPU adapter in words, where a real one answers. */
  readonly adapter: string | undefined;
  readonly model: { readonly id: string; readonly hash: string };
  readonly rows: readonly MeasuredRow[];
  readonly skipped: readonly SkippedRow[];
}

/** What a worker is started with: a runtime takes its threads at its start, and keeps them. */
export type Station = Pick<Configuration, 'backend' | 'threads'>;

/** One thread, half and all of those that the page uses, then WebGPU where a real adapter answers. */
export function stationsOf({ threads, adapter }: Pick<Survey, 'threads' | 'adapter'>): readonly Station[] {
  const counts = [...new Set([1, Math.ceil(threads / 2), threads])];
  const wasm = counts.map((count): Station => ({ backend: 'wasm', threads: count }));
  return adapter === undefined ? wasm : [...wasm, { backend: 'webgpu', threads }];
}

/** What there is to measure, before anything is fetched. */
export interface Survey {
  /** Threads that the page would take. */
  readonly threads: number;
  /** The GPU adapter in words, where a real one answers. */
  readonly adapter: string | undefined;
  /** Why WebGPU is not measured, where it is not. */
  readonly noGpu: string | undefined;
  readonly variants: readonly SurveyedVariant[];
  /** Bytes of files that every measurement needs and this device lacks: the tokeniser, the embeddings, WebGPU's runtime. */
  readonly commonBytes: number;
}

export interface SurveyedVariant {
  readonly id: string;
  /** To be fetched for it. */
  readonly missingBytes: number;
}

/** Milliseconds of a layer of `REFERENCE_TOKENS` tokens. */
export function referenceMs({ layerMs }: Pick<MeasuredRow, 'layerMs'>): number {
  return at(layerMs, MEASURED_TOKENS.indexOf(REFERENCE_TOKENS));
}

/** Whose answers can be relied on. */
export function isTrusted({ check }: Pick<MeasuredRow, 'check'>): boolean {
  return check === 'reference' || check === 'same';
}

/** A gain that is smaller may be chance, and is not worth another thread or another download. */
const WORTH_A_CHANGE = 0.95;

/** The fastest of those that can be relied on; undefined where there is none. Of those nearly alike, the first. */
export function fastestOf(rows: readonly MeasuredRow[]): MeasuredRow | undefined {
  let best: MeasuredRow | undefined;
  for (const row of rows.filter(isTrusted)) {
    if (!best || referenceMs(row) < WORTH_A_CHANGE * referenceMs(best)) best = row;
  }
  return best;
}

export function isSame(one: Configuration, other: Configuration): boolean {
  return one.backend === other.backend && one.threads === other.threads && one.variant === other.variant;
}
