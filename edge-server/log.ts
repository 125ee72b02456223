import { pino } from 'pino';
import { type Log, LOG_LEVELS, type LogLevel } from '../core/log';

/** What `--log-level` takes: nothing below it is written. */
export const LOG_CHOICES = [...LOG_LEVELS, 'silent'] as const;
/** What `--log-format` takes: JSON for machines, text for people; `auto` is text on a terminal. */
export const LOG_FORMATS = ['auto', 'text', 'json'] as const;

/** Where lines go. */
export interface LogStream {
  readonly isTTY?: boolean;
  write(line: string): void;
}

export interface LogOptions {
  readonly level: LogLevel | 'silent';
  readonly format: (typeof LOG_FORMATS)[number];
  /** What every JSON line says of the process that wrote it. */
  readonly base?: Readonly<Record<string, string>>;
  readonly now?: () => Date;
}

/** A log with levels: a line of JSON each, or time, level and sentence. */
export function logTo(stream: LogStream, { level, format, base = {}, now = () => new Date() }: LogOptions): Log {
  const isText = format === 'text' || (format === 'auto' && stream.isTTY === true);
  const logger = pino(
    {
      level,
      base,
      messageKey: 'message',
      timestamp: () => `,"time":"${now().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    isText ? { write: (json: string) => stream.write(inWords(json)) } : stream,
  );
  return (of, line, fields = {}) => logger[of](fields, line);
}

function inWords(json: string): string {
  const { time, level, message } = JSON.parse(json) as Readonly<Record<'time' | 'level' | 'message', string>>;
  return `${time} ${level} ${message}\n`;
}
