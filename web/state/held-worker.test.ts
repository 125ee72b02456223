import { expect, it } from 'vitest';
import type { PageMessage } from '../../core/protocol/page-messages';
import { heldWorker } from './held-worker';
import type { TierWorker } from './watched-worker';

const message = (type: string) => ({ type }) as PageMessage;

function heldUntil(until: Promise<void>) {
  const posted: string[] = [];
  let made = 0;
  const worker = {
    postMessage: ({ type }: PageMessage) => posted.push(type),
    terminate: () => posted.push('terminated'),
  } as unknown as TierWorker;
  const held = heldWorker(() => {
    made++;
    return worker;
  }, until);
  return { held, worker, posted, made: () => made };
}

it('is made when its time comes, and then hears in order what was said before', async () => {
  let come: () => void = () => undefined;
  const { held, posted, made } = heldUntil(new Promise((resolve) => (come = resolve)));
  held.postMessage(message('load'));
  held.postMessage(message('stop'));
  expect([made(), posted]).toEqual([0, []]);
  come();
  await Promise.resolve();
  held.postMessage(message('ping'));
  expect([made(), posted]).toEqual([1, ['load', 'stop', 'ping']]);
});

it('is made at once where samples are to run, and only then', () => {
  const { held, posted, made } = heldUntil(new Promise(() => undefined));
  held.postMessage(message('load'));
  held.postMessage(message('run'));
  held.postMessage(message('run'));
  expect([made(), posted]).toEqual([1, ['load', 'run', 'run']]);
});

it('hands on what the worker says, and is never made after its end', async () => {
  const { held, worker } = heldUntil(Promise.resolve());
  const heard: unknown[] = [];
  held.onmessage = ({ data }: MessageEvent<unknown>) => heard.push(data);
  await Promise.resolve();
  worker.onmessage?.call(worker as Worker, { data: 'progress' } as MessageEvent);
  expect(heard).toEqual(['progress']);
  const over = heldUntil(Promise.resolve());
  over.held.terminate();
  await Promise.resolve();
  expect(over.made()).toBe(0);
});
