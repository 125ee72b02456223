/** What went wrong, in one word that survives every boundary. `PROTOCOL.md` says which of them cross the socket. */
export const ERROR_CODES = [
  'BAD_FRAME',
  'BAD_MESSAGE',
  'BAD_INPUT',
  'NO_KNOWN_TOKEN',
  'BAD_CONFIGURATION',
  'BAD_MANIFEST',
  'BAD_TRACE',
  'PROTOCOL_VERSION',
  'UNAUTHORIZED',
  'MODEL_MISMATCH',
  'MODEL_UNAVAILABLE',
  'MODEL_FILE_DAMAGED',
  'RUNTIME_LOST',
  'LIMIT_EXCEEDED',
  'OVERLOADED',
  'DRAINING',
  'DEADLINE_EXCEEDED',
  'STATE_NOT_HELD',
  'TIER_UNAVAILABLE',
  'INTERNAL',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export interface ErrorDetails {
  /** The same request may succeed later, unchanged. */
  readonly retryable?: boolean;
  /** Milliseconds to wait before trying again. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** An error as plain data, for `postMessage` and for the wire. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number | undefined;
}

/**
 * Every error this project raises on purpose. Its message says what was expected, what arrived and what to try.
 * Cancelling is no error of ours: it rejects with the platform's `AbortError`.
 */
export class DimeeError extends Error {
  override readonly name = 'DimeeError';
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.retryable = details.retryable ?? false;
    this.retryAfterMs = details.retryAfterMs;
  }

  static from(data: ErrorData): DimeeError {
    return new DimeeError(data.code, data.message, data);
  }
}

/** Any thrown value as plain data; what is not ours becomes `INTERNAL` with its message kept. */
export function errorData(error: unknown): ErrorData {
  if (error instanceof DimeeError) {
    const { code, message, retryable, retryAfterMs } = error;
    return { code, message, retryable, retryAfterMs };
  }
  return { code: 'INTERNAL', message: messageOf(error), retryable: false };
}

export function hasCode(error: unknown, code: ErrorCode): error is DimeeError {
  return error instanceof DimeeError && error.code === code;
}

/** What an error of any kind says, for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
