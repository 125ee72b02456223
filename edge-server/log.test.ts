import { describe, expect, test } from 'vitest';
import { LOG_LEVELS, type LogLevel } from '../core/log';
import { type LogOptions, logTo } from './log';

/** What a log of these options writes where something happens at every level. */
function written(options: Partial<LogOptions>, isTTY?: boolean): readonly string[] {
  const lines: string[] = [];
  const stream = { isTTY: isTTY === true, write: (line: string) => void lines.push(line) };
  const log = logTo(stream, { level: 'debug', format: 'auto', now: () => new Date(0), ...options });
  for (const level of LOG_LEVELS) log(level, 'something happened', { requestId: 7 });
  return lines;
}

const TIME = '1970-01-01T00:00:00.000Z';

test.each<[LogLevel | 'silent', readonly LogLevel[]]>([
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['silent', []],
])('a log of level %s writes %j', (level, expected) => {
  expect(written({ level, format: 'text' })).toEqual(expected.map((name) => `${TIME} ${name} something happened\n`));
});

describe('a line', () => {
  const json = { level: 'error', time: TIME, tier: 'edge', requestId: 7, message: 'something happened' };

  test.each([
    ['json', true],
    ['auto', false],
  ] as const)('is JSON with its fields for %s, on a terminal: %s', (format, isTTY) => {
    const [line = ''] = written({ level: 'error', format, base: { tier: 'edge' } }, isTTY);
    expect(line.endsWith('}\n')).toBe(true);
    expect(JSON.parse(line)).toEqual(json);
  });

  test('is a sentence on a terminal', () => {
    expect(written({ level: 'error', format: 'auto' }, true)).toEqual([`${TIME} error something happened\n`]);
  });
});
