import type { PageMessage } from '../../core/protocol/page-messages';
import type { TierWorker } from './watched-worker';

/**
 * A worker that is made once `until` comes, or as soon as samples are to run: what is posted before waits. Made at once, it
 * would compete with the page's first picture for processor and line.
 */
export function heldWorker(start: () => TierWorker, until: Promise<unknown>): TierWorker {
  const waiting: PageMessage[] = [];
  let worker: TierWorker | undefined;
  let isOver = false;

  const held: TierWorker = {
    onmessage: null,
    onerror: null,
    onmessageerror: null,
    postMessage(message: PageMessage) {
      if (worker) return worker.postMessage(message);
      waiting.push(message);
      if (message.type === 'run') begin();
    },
    terminate() {
      isOver = true;
      worker?.terminate();
    },
  };

  function begin(): void {
    if (isOver || worker) return;
    worker = start();
    const { onmessage, onerror, onmessageerror } = held;
    Object.assign(worker, { onmessage, onerror, onmessageerror });
    for (const message of waiting.splice(0)) worker.postMessage(message);
  }

  void until.then(begin);
  return held;
}
