/** How much a line of a log matters, the least first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a line says for machines, beside its sentence for people. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes one line. Neither line nor fields hold what people typed. */
export type Log = (level: LogLevel, line: string, fields?: LogFields) => void;
