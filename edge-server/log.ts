import { type Log, LOG_LEVELS, type LogLevel } from '../core/log';

/** What `--log-level` takes: nothing below it is written. */
export const LOG_CHOICES = [...LOG_LEVELS, 'silent'] as const;

/** A log to standard error: time, level, line. */
export function logTo(
  write: (line: string) => void,
  least: LogLevel | 'silent',
  now: () => Date = () => new Date(),
): Log {
  return (level, line) => {
    if (LOG_CHOICES.indexOf(level) >= LOG_CHOICES.indexOf(least)) write(`${now().toISOString()} ${level} ${line}\n`);
  };
}
