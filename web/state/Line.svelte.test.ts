// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Line } from './Line.svelte';

function browserWith(connection: object | undefined, visibilityState = 'visible') {
  Object.defineProperty(navigator, 'connection', { value: connection, configurable: true });
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visibilityState as DocumentVisibilityState);
  return new Line();
}

afterEach(() => vi.restoreAllMocks());

describe('a line', () => {
  it.each([
    [undefined, true],
    [{}, true],
    [{ effectiveType: '4g', type: 'wifi', saveData: false }, true],
    [{ effectiveType: '3g' }, false],
    [{ effectiveType: '2g' }, false],
    [{ effectiveType: 'slow-2g' }, false],
    [{ effectiveType: '4g', type: 'cellular' }, false],
    [{ effectiveType: '4g', saveData: true }, false],
  ])('of which the browser says %j is free: %s', (connection, isFree) => {
    expect(browserWith(connection).isFree).toBe(isFree);
  });

  it('is not used ahead by a page that nobody sees', () => {
    expect(browserWith(undefined, 'hidden').isFree).toBe(false);
  });

  it('is looked at again where it changes', () => {
    const connection = Object.assign(new EventTarget(), { effectiveType: '3g' });
    const line = browserWith(connection);
    const seen: boolean[] = [];
    const stop = $effect.root(() => {
      $effect(() => void seen.push(line.isFree));
    });
    flushSync();
    connection.effectiveType = '4g';
    connection.dispatchEvent(new Event('change'));
    flushSync();
    expect(seen).toEqual([false, true]);
    stop();
  });
});
