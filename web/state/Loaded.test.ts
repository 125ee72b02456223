import { describe, expect, it, vi } from 'vitest';
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

  it('is said not to come after a while, and is taken when it comes late', async () => {
    vi.useFakeTimers();
    let bring: (value: string) => void = () => undefined;
    const asked = vi.fn(() => new Promise<string>((resolve) => (bring = resolve)));
    const loaded = new Loaded<string, string>(asked, (reason) => reason);
    const loading = loaded.load('a');
    vi.advanceTimersByTime(30_000);
    vi.useRealTimers();
    expect(loaded.problem('a')).toBe('Nothing has come for 30 seconds.');
    bring('late');
    await loading;
    expect([loaded.value('a'), loaded.problem('a')]).toEqual(['late', undefined]);
    expect(asked).toHaveBeenCalledOnce();
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
