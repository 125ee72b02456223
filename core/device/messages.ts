import type { ErrorData } from '../errors';
import type { MeasuredRow, SkippedRow, Station, Survey } from './measurement';

/** What the check sentence was answered. */
export interface CheckedLabels {
  /** Layers that it went through: those whose files are here. */
  readonly layers: number;
  /** A label for every task, in order; null where the logits are too close to tell. */
  readonly labels: readonly (number | null)[];
}

/** What the page asks of a worker that measures; each worker is asked one thing. */
export type MeasureRequest =
  | {
      readonly type: 'survey';
      /** Absolute address of `manifest.json`. */
      readonly manifestUrl: string;
    }
  | {
      readonly type: 'measure';
      readonly manifestUrl: string;
      readonly station: Station;
      readonly variants: readonly string[];
      /** Milliseconds for the warm runs of one length. */
      readonly lengthMs: number;
      /** Whether to say what the check sentence is answered. */
      readonly isChecked: boolean;
      /** WASM's answers to it, by variant, where they are known. */
      readonly expected: Readonly<Record<string, CheckedLabels>>;
    };

/** What such a worker says. */
export type MeasureAnswer =
  | { readonly type: 'surveyed'; readonly survey: Survey }
  | { readonly type: 'measured'; readonly row: MeasuredRow; readonly labels: CheckedLabels | undefined }
  | { readonly type: 'skipped'; readonly row: SkippedRow }
  /** The last of a measurement. */
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly error: ErrorData };
