import { describe, expect, it } from 'vitest';
import { Loaded } from './Loaded.svelte';

/** Keeps what was fetched; keys of which one part is in `failing` cannot be. */
function loadedWith() {
  const fetched: string[] = [];
  const failing = new Set<string>();
  const loaded = new Loaded<readonly string[], string>(
    async (key) => {
      await Promise.resolve();
      fetched.push(key.join('+'));
      if (key.some((part) => failing.has(part))) throw new Error('No line.');
      return key.join('+').toUpperCase();
    },
    (reason, [first]) => `${first}: ${reason}`,
  );
  return { loaded, fetched, failing };
}

describe('what is fetched by key', () => {
  it('is fetched once, however often it is asked for', async () => {
    const { loaded, fetched } = loadedWith();
    expect(loaded.value(['a', 'b'])).toBeUndefined();
    await Promise.all([loaded.load(['a', 'b']), loaded.load(['a', 'b'])]);
    await loaded.load(['a', 'b']);
    expect(fetched).toEqual(['a+b']);
    expect([loaded.value(['a', 'b']), loaded.value(['a'])]).toEqual(['A+B', undefined]);
  });

  it('says why it could not be, key by key, and is tried again', async () => {
    const { loaded, failing } = loadedWith();
    failing.add('b');
    await Promise.all([loaded.load(['a']), loaded.load(['b'])]);
    expect([loaded.problem(['a']), loaded.problem(['b'])]).toEqual([undefined, 'b: No line.']);
    failing.clear();
    await loaded.load(['b']);
    expect([loaded.value(['b']), loaded.problem(['b'])]).toEqual(['B', undefined]);
  });
});
