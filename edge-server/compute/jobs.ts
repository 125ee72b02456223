import type { ErrorData } from '../../core/errors';
import type { ExitRule } from '../../core/ladder/ascent';
import type { LayerIndex } from '../../core/layers';
import type { Texts, Tokens } from '../../core/model/tokens';
import type { StateCodec } from '../../core/payload/state-codec';

/** A piece of a model that must be open before what needs it runs. */
export type Part =
  { readonly kind: 'tokenizer' } | { readonly kind: 'embeddings'; readonly variant: string } | LayerPart;
export interface LayerPart {
  readonly kind: 'layer';
  readonly variant: string;
  readonly layer: LayerIndex;
}

/** What a worker does, by kind, and what it answers. Plain data: big arrays lie in shared memory, so that none is copied. */
export interface Jobs {
  open: { readonly asked: { readonly part: Part; readonly file: Uint8Array }; readonly answer: OpenedBy };
  tokenize: { readonly asked: { readonly texts: Texts }; readonly answer: Tokens };
  embed: { readonly asked: { readonly variant: string; readonly tokens: Tokens }; readonly answer: Float32Array };
  climb: { readonly asked: ClimbBatch; readonly answer: ClimbAnswer };
  /** Reads a coded payload. */
  read: {
    readonly asked: Coded & { readonly payload: Uint8Array; readonly tokens: number };
    readonly answer: Float32Array;
  };
  /** Writes a coded payload. */
  write: {
    readonly asked: Coded & { readonly bytesPerToken: number; readonly state: Float32Array };
    readonly answer: Uint8Array<ArrayBuffer>;
  };
}
export type JobKind = keyof Jobs;

/** The runtime that a worker has opened a part with. */
export interface OpenedBy {
  readonly runtime: 'native' | 'wasm';
  /** Why it is not the one that was wanted. */
  readonly fallback: string | undefined;
}

/** Samples that climb together from one layer on, until the first of them leaves, or others come first. */
export interface ClimbBatch {
  readonly variant: string;
  readonly layer: LayerIndex;
  readonly rows: readonly {
    /** `[tokens, hidden]`, of any number of tokens. */
    readonly state: Float32Array;
    /** Without one the sample stops after the layer. */
    readonly rule: ExitRule | undefined;
  }[];
}

export interface ClimbAnswer {
  /** The rows after the last layer that was run, without padding, each in memory of its own. */
  readonly states: readonly Float32Array[];
  /** Of each layer that was run: `[rows, classes]`, and the milliseconds that it took for all rows. */
  readonly layers: readonly { readonly logits: Float32Array; readonly computeMs: number }[];
}

interface Coded {
  readonly codec: StateCodec;
}

export interface Done<Kind extends JobKind = JobKind> {
  readonly answer: Jobs[Kind]['answer'];
  /** Milliseconds of computing, without moving data. */
  readonly computeMs: number;
}

/** A job as it goes to a thread. */
export type Order = { [Kind in JobKind]: { readonly kind: Kind; readonly asked: Jobs[Kind]['asked'] } }[JobKind];
/** What comes back. */
export type Reply = { readonly done: Done } | { readonly error: ErrorData };

/**
 * What computes: a thread, as long as a runtime's `run` holds up the one that calls it. One whose `run` is asynchronous may
 * be one of these without a thread of its own (`Engine`). It is given one job at a time.
 */
export interface ComputeWorker {
  /** @throws DimeeError as the job says, `RUNTIME_LOST` where the worker has ended meanwhile. */
  do<Kind extends JobKind>(kind: Kind, asked: Jobs[Kind]['asked']): Promise<Done<Kind>>;
  /** Others come first: a climb that runs ends with the layer that it is at. */
  interrupt(): void;
  /** Resolves when it has ended, which it does by itself only where something is broken. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}
