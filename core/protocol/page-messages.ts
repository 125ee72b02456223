import type { ErrorData } from '../errors';
import type { RunSample, RunSettings, SampleResult } from '../ladder/hybrid-tier';
import type { Reading } from '../model/reading';
import type { TierAddress, WaysStatus } from './way-to-tiers';

export type Backend = 'wasm' | 'webgpu';

/** What the page asks of the mobile tier. */
export type PageMessage =
  /** Once, first: fetch the model and get ready for the mobile layers of `plan`. */
  | {
      readonly type: 'load';
      /** Absolute address of `manifest.json`. */
      readonly manifestUrl: string;
      /** The edge's addresses and their tokens; several, where any of them will do; none to do without one. */
      readonly edges: readonly TierAddress[];
      /** `auto` asks for an adapter and takes WebGPU where a real one answers. */
      readonly backend: Backend | 'auto';
      /** `auto` takes q8 on WASM and fp16 on WebGPU. */
      readonly variant: string;
      readonly mobileLayers: number;
      /** Threads of the WASM runtime, whatever the processor has; by default as many as serve it. */
      readonly threads?: number | undefined;
      /** The GPU adapter that WebGPU was measured on, where that is why it is asked for. */
      readonly adapter?: string | undefined;
      /** Why this device runs no layer, where it shall not: the edge is sent the texts. */
      readonly edgeAlone?: string | undefined;
    }
  /** Take samples to their exits, in this order. Those the tier has met before climb on from where they stopped. */
  | (RunSettings & { readonly type: 'run'; readonly runId: number; readonly samples: readonly RunSample[] })
  | { readonly type: 'stop'; readonly runId: number }
  /** Is anybody there? */
  | { readonly type: 'ping' };

export type LoadMessage = Extract<PageMessage, { type: 'load' }>;
export type RunMessage = Extract<PageMessage, { type: 'run' }>;

/** What the mobile tier tells the page. */
export type WorkerMessage =
  | {
      readonly type: 'backend';
      readonly backend: Backend;
      readonly variant: string;
      /** Threads of the WASM runtime: those planned, and once it has started those that run. */
      readonly threads: number;
      /** The GPU adapter in words, where WebGPU runs. */
      readonly adapter: string | undefined;
      /** Why it is not the backend one might expect. */
      readonly fallback: string | undefined;
    }
  /** Bytes of model files and runtime fetched so far, of those known to be needed. */
  | {
      readonly type: 'progress';
      readonly loadedBytes: number;
      readonly totalBytes: number;
      readonly cachedBytes: number;
    }
  /** Layers 1 to `layers`, as many as a `load` asked for, are ready to run. */
  | { readonly type: 'ready'; readonly layers: number }
  | ({ readonly type: 'edge' } & WaysStatus)
  /** So many samples wait for the edge, which is away, or for layers that this device lacks: for whichever comes first. */
  | { readonly type: 'waiting'; readonly samples: number }
  /** A model file was damaged in the cache and has been fetched again. */
  | { readonly type: 'repaired'; readonly path: string }
  /** Before the result, where a farther tier refines the mobile tier's answer: the raw logits of layers 1..k run by then. */
  | {
      readonly type: 'provisional';
      readonly runId: number;
      readonly sampleKey: string;
      readonly logits: readonly (readonly number[])[];
    }
  | { readonly type: 'result'; readonly runId: number; readonly sampleKey: string; readonly result: SampleResult }
  /** What was read of a sample whose result came without: the edge answered before this device had the tokeniser. */
  | { readonly type: 'reading'; readonly sampleKey: string; readonly reading: Reading }
  | { readonly type: 'failed'; readonly runId: number; readonly sampleKey: string; readonly error: ErrorData }
  /** Nothing more of this run will come. */
  | { readonly type: 'finished'; readonly runId: number; readonly stopped: boolean }
  /** This device cannot run the layers that were asked for. */
  | { readonly type: 'broken'; readonly error: ErrorData }
  /** The runtime is gone, and this worker with it: it says nothing more, and another must take its place. */
  | { readonly type: 'lost'; readonly error: ErrorData; readonly during: 'start' | 'run' }
  /** The answer to a ping. */
  | { readonly type: 'alive' };
