import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../core/log';
import type { RunningServer } from '../server';

/** One Ctrl-C arrives more than once: from the terminal, and passed on by npm. */
const SAME_SIGNAL_MS = 200;
/** Of the time to end, what closing sockets and stores may take. */
const CLOSING_MS = 1500;

/** Ends in order: what is in flight is answered first, as far as `withinMs` goes. */
export async function endInOrder(server: Pick<RunningServer, 'drain' | 'close'>, withinMs: number): Promise<void> {
  const overdue = new AbortController();
  const isOver = sleep(Math.max(withinMs - CLOSING_MS, 0), undefined, { signal: overdue.signal });
  await Promise.race([server.drain(), isOver.catch(() => undefined)]);
  overdue.abort();
  await server.close();
}

/** The first signal ends the server in order, the second at once. */
export function stopOnSignals(server: RunningServer, drainSeconds: number, log: Log): void {
  let stoppingSince: number | undefined;
  const stop = () => {
    if (stoppingSince === undefined) {
      stoppingSince = performance.now();
      log('info', `ending: what is in flight is answered, for ${drainSeconds} s at most`);
      // Whatever hangs.
      setTimeout(() => process.exit(0), Math.max(1000 * drainSeconds, CLOSING_MS));
      void endInOrder(server, 1000 * drainSeconds).finally(() => process.exit(0));
    } else if (performance.now() - stoppingSince > SAME_SIGNAL_MS) {
      process.exit(1);
    }
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}
