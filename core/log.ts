/** How much a line of a log matters, the least first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Writes one line. No line holds what people typed. */
export type Log = (level: LogLevel, line: string) => void;
