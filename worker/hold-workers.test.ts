import { expect, test, vi } from 'vitest';
import { holdWorkers } from './hold-workers';

class MadeWorker {
  static readonly terminated = vi.fn();

  constructor(readonly url: string) {}

  terminate(): void {
    MadeWorker.terminated(this.url);
  }
}

test('holds every worker made in a scope until it is terminated, and is no other worker for that', () => {
  const scope = { Worker: MadeWorker as unknown as typeof Worker };
  const held = holdWorkers(scope);
  const [first, second] = ['one', 'two'].map((url) => new scope.Worker(url));
  expect([...held]).toEqual([first, second]);
  expect(first).toBeInstanceOf(MadeWorker);
  expect(first).toMatchObject({ url: 'one' });
  first?.terminate();
  expect([...held]).toEqual([second]);
  expect(MadeWorker.terminated).toHaveBeenCalledWith('one');
});

test('leaves a scope alone that makes no workers', () => {
  expect([...holdWorkers({})]).toEqual([]);
});
