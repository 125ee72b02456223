import { describe, expect, test } from 'vitest';
import { DimeeError, errorData, hasCode, isAbort } from './errors';

describe('DimeeError', () => {
  test('is an Error with a stable name, its code and its cause', () => {
    const cause = new Error('socket reset');
    const error = new DimeeError('TIER_UNAVAILABLE', 'The edge does not answer.', { cause, retryable: true });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'DimeeError', code: 'TIER_UNAVAILABLE', retryable: true, cause });
    expect(error.message).toBe('The edge does not answer.');
  });

  test('is not retryable unless it says so', () => {
    expect(new DimeeError('BAD_INPUT', 'no')).toMatchObject({ retryable: false, retryAfterMs: undefined });
  });

  test('is the same after a trip over the wire', () => {
    const sent = new DimeeError('OVERLOADED', 'The queue is full.', { retryable: true, retryAfterMs: 250 });
    const received = DimeeError.from(JSON.parse(JSON.stringify(errorData(sent))));
    expect(received).toBeInstanceOf(DimeeError);
    expect(errorData(received)).toEqual(errorData(sent));
  });

  test('is the same after a structured clone, as postMessage makes one', () => {
    const data = errorData(new DimeeError('BAD_TRACE', 'damaged'));
    expect(structuredClone(data)).toEqual(data);
  });
});

describe('errorData', () => {
  test('calls what is not ours INTERNAL and keeps its message', () => {
    expect(errorData(new TypeError('x is undefined'))).toEqual({
      code: 'INTERNAL',
      message: 'x is undefined',
      retryable: false,
    });
  });

  test('takes any thrown value', () => {
    expect(errorData('just text').message).toBe('just text');
    expect(errorData(undefined).message).toBe('undefined');
  });
});

test('hasCode knows our errors by their code and nothing else', () => {
  expect(hasCode(new DimeeError('BAD_FRAME', 'no'), 'BAD_FRAME')).toBe(true);
  expect(hasCode(new DimeeError('BAD_FRAME', 'no'), 'BAD_INPUT')).toBe(false);
  expect(hasCode({ code: 'BAD_FRAME' }, 'BAD_FRAME')).toBe(false);
});

test('isAbort knows the platform’s AbortError and nothing else', () => {
  expect(isAbort(AbortSignal.abort().reason)).toBe(true);
  expect(isAbort(new DimeeError('INTERNAL', 'AbortError'))).toBe(false);
  expect(isAbort('AbortError')).toBe(false);
});
