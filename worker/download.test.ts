import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { download } from './download';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Fetches a body of so many bytes that come one at a time, with a pause before each; then nothing comes any more. */
function dripping(bytes: number, pauseMs: number): typeof fetch {
  return (_, options) => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => options?.signal?.addEventListener('abort', () => controller.error(options.signal?.reason)),
      pull: async (controller) => {
        await new Promise((resolve) => setTimeout(resolve, sent < bytes ? pauseMs : 1e9));
        controller.enqueue(Uint8Array.of(++sent));
      },
    });
    return Promise.resolve(new Response(body));
  };
}

function start(fetch: typeof globalThis.fetch, signal = new AbortController().signal) {
  const onBytes = vi.fn();
  const outcome = download('http://host/file', 3, { fetch, cache: 'default', signal, onBytes }).catch(
    (error: unknown) => error,
  );
  return { outcome, onBytes };
}

test('a download without a byte for 20 s is given up', async () => {
  const { outcome, onBytes } = start(dripping(2, 15_000));
  await vi.advanceTimersByTimeAsync(49_000);
  expect(onBytes).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(2000);
  expect(await outcome).toMatchObject({ message: 'No byte came for 20 s.' });
});

test('a download that is aborted rejects with the reason', async () => {
  const abort = new AbortController();
  const { outcome } = start(dripping(2, 15_000), abort.signal);
  await vi.advanceTimersByTimeAsync(1000);
  abort.abort();
  expect(await outcome).toMatchObject({ name: 'AbortError' });
});
