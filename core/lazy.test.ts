import { describe, expect, it } from 'vitest';
import { Lazy, LazyMap } from './lazy';

describe('a lazy value', () => {
  it('is made at its first use, once for all who ask', async () => {
    let made = 0;
    const lazy = new Lazy(() => Promise.resolve(++made));
    expect([made, lazy.value]).toEqual([0, undefined]);
    expect(await Promise.all([lazy.get(), lazy.get()])).toEqual([1, 1]);
    expect([made, lazy.value]).toEqual([1, 1]);
  });

  it('is tried again after a failure', async () => {
    let tries = 0;
    const lazy = new Lazy(() => (++tries === 1 ? Promise.reject(new Error('not yet')) : Promise.resolve(tries)));
    await expect(lazy.get()).rejects.toThrow('not yet');
    expect(await lazy.get()).toBe(2);
  });
});

describe('a lazy map', () => {
  it('makes each value once', async () => {
    const made: string[] = [];
    const map = new LazyMap((key: string) => Promise.resolve(made.push(key)));
    expect(map.value('a')).toBeUndefined();
    expect(await Promise.all([map.get('a'), map.get('b'), map.get('a')])).toEqual([1, 2, 1]);
    expect([made, map.value('a'), map.value('c')]).toEqual([['a', 'b'], 1, undefined]);
  });
});
