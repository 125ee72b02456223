import { describe, expect, test } from 'vitest';
import { DimeeError } from '../core/errors';
import { progressLine } from './progress-line';
import { patientWalk, type WalkOptions } from './row-walk';

const ROWS = ['one', 'two', 'three', 'four'].map((text) => [text] as const);
const away = new DimeeError('TIER_UNAVAILABLE', 'The edge does not answer.', { retryable: true });

/** A walk whose clock moves as it sleeps. */
function walkWith(options: Partial<WalkOptions> = {}) {
  let clock = 0;
  const told: string[] = [];
  const progress: string[] = [];
  const walk = patientWalk({
    ...{ signal: new AbortController().signal, giveUpAfter: undefined, now: () => clock },
    sleep: (ms) => Promise.resolve(void (clock += ms)),
    tell: (line) => told.push(line),
    onProgress: (done, rows) => progress.push(`${done}/${rows}`),
    ...options,
  });
  return { walk, told, progress, now: () => clock };
}

/** Answers each text with itself; what `fails` throws is thrown first. */
function answering(fails: (text: string, attempt: number) => Error | undefined) {
  const attempts = new Map<string, number>();
  return async ([text]: readonly string[]) => {
    const attempt = (attempts.get(text ?? '') ?? 0) + 1;
    attempts.set(text ?? '', attempt);
    const problem = fails(text ?? '', attempt);
    if (problem !== undefined) throw problem;
    return text;
  };
}

async function walked(
  fails: (text: string, attempt: number) => Error | undefined,
  options: Partial<WalkOptions> = {},
  known: readonly number[] = [],
) {
  const parts = walkWith(options);
  const taken: [number, string | undefined][] = [];
  const end = await parts.walk(
    ROWS,
    answering(fails),
    (row, text) => taken.push([row, text]),
    (row) => known.includes(row),
  );
  return { ...parts, ...end, taken };
}

describe('a walk', () => {
  test('takes every row that is not known, and tells how far it is', async () => {
    const { taken, progress, problem, failed } = await walked(() => undefined, {}, [1]);
    expect(taken).toEqual([
      [0, 'one'],
      [2, 'three'],
      [3, 'four'],
    ]);
    expect([progress, failed, problem]).toEqual([['2/4', '3/4', '4/4'], [], undefined]);
  });

  test('waits for a tier that goes away, says so once, and loses no row', async () => {
    const { taken, told, problem } = await walked((text, attempt) =>
      text === 'three' && attempt < 9 ? away : undefined,
    );
    expect([taken.length, problem]).toEqual([4, undefined]);
    expect(told).toEqual([
      'The edge does not answer. Waiting for up to 120 s.',
      expect.stringMatching(/^Goes on after \d+ s\.$/),
    ]);
  });

  test('gives up after the time that was set; what was answered stays', async () => {
    const { taken, problem, now } = await walked((text) => (text === 'three' ? away : undefined), { giveUpAfter: 30 });
    expect(taken.map(([row]) => row)).toEqual([0, 1]);
    expect(problem).toMatchObject({ code: 'TIER_UNAVAILABLE', message: expect.stringContaining('Gave up after 30 s') });
    expect(now()).toBeGreaterThanOrEqual(30_000);
    expect(now()).toBeLessThan(40_000);
  });

  test('does not wait for a tier that has never answered, unless a time was set', async () => {
    expect((await walked(() => away)).problem).toBe(away);
    expect((await walked((_, attempt) => (attempt < 4 ? away : undefined), { giveUpAfter: 60 })).taken).toHaveLength(4);
  });

  test('leaves out a row whose own text is at fault', async () => {
    const fault = new DimeeError('BAD_INPUT', 'Too long.');
    const { taken, failed, problem } = await walked((text) => (text === 'two' ? fault : undefined));
    expect(taken.map(([row]) => row)).toEqual([0, 2, 3]);
    expect([failed, problem]).toEqual([[{ row: 1, message: 'Too long.' }], undefined]);
  });

  test.each([new DimeeError('MODEL_MISMATCH', 'Another model.'), new Error('A bug.')])('ends at %s', async (fault) => {
    const { taken, problem } = await walked((text) => (text === 'two' ? fault : undefined));
    expect([taken.length, problem]).toEqual([1, fault]);
  });

  test('ends where it is asked to, also while it waits', async () => {
    const stopping = new AbortController();
    const stop = {
      signal: stopping.signal,
      sleep: async (_: number, signal: AbortSignal) => (stopping.abort(), signal.throwIfAborted()),
    };
    const { taken, problem } = await walked((text) => (text === 'two' ? away : undefined), stop);
    expect(taken).toHaveLength(1);
    expect(problem).toMatchObject({ name: 'AbortError' });
  });
});

describe('progress', () => {
  function told(isTTY: boolean, every: number) {
    let clock = 0;
    const written: string[] = [];
    const tell = progressLine({ isTTY, write: (text) => written.push(String(text)) > 0 }, () => clock);
    for (let done = 1; done <= 4; done++) {
      clock += every;
      tell(done, 4, done > 1 ? 'about 3 min left' : '');
    }
    return written;
  }

  test('is one line on a terminal, gone at the end', () => {
    expect(told(true, 1)).toEqual([
      '\r1 of 4 rows\u001b[K',
      '\r2 of 4 rows, about 3 min left\u001b[K',
      '\r3 of 4 rows, about 3 min left\u001b[K',
      '\r\u001b[K',
    ]);
  });

  test('is a line now and then elsewhere', () => {
    expect(told(false, 1000)).toEqual([]);
    expect(told(false, 20_000)).toEqual(['2 of 4 rows, about 3 min left\n']);
  });
});
