import { expect, test } from 'vitest';
import { LOG_LEVELS, type LogLevel } from '../core/log';
import { logTo } from './log';

test.each<[LogLevel | 'silent', readonly LogLevel[]]>([
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['silent', []],
])('a log of level %s writes %j, with time and level in front', (least, expected) => {
  const lines: string[] = [];
  const log = logTo(
    (line) => lines.push(line),
    least,
    () => new Date(0),
  );
  for (const level of LOG_LEVELS) log(level, 'something happened');
  expect(lines).toEqual(expected.map((level) => `1970-01-01T00:00:00.000Z ${level} something happened\n`));
});
