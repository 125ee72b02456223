import { DimeeError, type ErrorCode } from '../../core/errors';

/** A call that came back without an answer. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';

  constructor(
    /** The name of gRPC's status. */
    readonly status: string,
    /** What the server said. */
    readonly details: string,
    /** What it asks for where it is full. */
    readonly retryAfterMs: number | undefined,
  ) {
    super(`${status}: ${details}`);
  }
}

/** Where a full engine does not say when to come back, and has not answered any sample. */
const USUAL_RETRY_MS = 100;
/** A sample that the engine has for longer says more of the sample than of the queue. */
const LONGEST_RETRY_MS = 10_000;

/** What is the request's fault, or ours, and no sign that the engine is away. All others make it so. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  INVALID_ARGUMENT: 'BAD_INPUT',
  OUT_OF_RANGE: 'BAD_INPUT',
  UNAUTHENTICATED: 'UNAUTHORIZED',
  PERMISSION_DENIED: 'UNAUTHORIZED',
  FAILED_PRECONDITION: 'MODEL_MISMATCH',
  NOT_FOUND: 'MODEL_MISMATCH',
  RESOURCE_EXHAUSTED: 'OVERLOADED',
  DEADLINE_EXCEEDED: 'DEADLINE_EXCEEDED',
};

/**
 * A failed call in our words: `TIER_UNAVAILABLE` for all that another tier may be asked for instead.
 * @param lastTookMs how long the engine had the last sample that it answered. Where it is full and does not say when to come
 *   back, that is taken for the time in which it answers all that it has.
 */
export function errorOf({ status, details, retryAfterMs }: CallFailure, url: string, lastTookMs?: number): DimeeError {
  const code = CODES[status] ?? 'TIER_UNAVAILABLE';
  switch (code) {
    case 'OVERLOADED':
      return new DimeeError(code, `The cloud tier at ${url} is full: ${details}`, {
        retryable: true,
        retryAfterMs: retryAfterMs ?? Math.min(lastTookMs ?? USUAL_RETRY_MS, LONGEST_RETRY_MS),
      });
    case 'DEADLINE_EXCEEDED':
      return new DimeeError(code, 'The cloud tier did not answer in time.', { retryable: true });
    case 'TIER_UNAVAILABLE':
      return new DimeeError(code, `The cloud tier at ${url} does not answer (${status}: ${details}).`, {
        retryable: true,
      });
    default:
      return new DimeeError(code, `The cloud tier at ${url} says: ${details}`);
  }
}
