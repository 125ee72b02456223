import type { ErrorCode } from '../errors';
import type { InferResult } from '../ladder/tier';
import type { InferMessage } from './messages';

/** Hears what becomes of the requests of a tier's clients: metrics and traces are made of it. */
export interface Watcher {
  /** A request has arrived whole and is taken. */
  began(infer: InferMessage): Watched;
  /** A request is refused before it began, or a whole connection is given up. */
  refused(code: ErrorCode): void;
  /** It traces requests: clients may say to which trace theirs belong (RQ11). */
  readonly traces?: boolean | undefined;
}

/** One request that is watched; of `answered`, `failed` and `cancelled` exactly one is called. */
export interface Watched {
  /** What farther tiers are told to report theirs under, where anybody traces the request (RQ11). */
  readonly traceparent?: string | undefined;
  /** The result as it is sent: the first of its stays is this tier's, from the sample's last byte on. */
  answered(result: InferResult): void;
  failed(code: ErrorCode): void;
  /** The client wants no answer any more, or is gone. */
  cancelled(): void;
}

/** Several watchers as one. */
export function watchAll(watchers: readonly Watcher[]): Watcher {
  return {
    began: (infer) => {
      const all = watchers.map((watcher) => watcher.began(infer));
      return {
        traceparent: all.find(({ traceparent }) => traceparent !== undefined)?.traceparent,
        answered: (result) => all.forEach((watched) => watched.answered(result)),
        failed: (code) => all.forEach((watched) => watched.failed(code)),
        cancelled: () => all.forEach((watched) => watched.cancelled()),
      };
    },
    refused: (code) => watchers.forEach((watcher) => watcher.refused(code)),
    traces: watchers.some(({ traces }) => traces),
  };
}
