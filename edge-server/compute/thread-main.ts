import { parentPort, workerData } from 'node:worker_threads';
import { errorData } from '../../core/errors';
import { Engine } from './engine';
import type { Order, Reply } from './jobs';
import { CLOSE, type ThreadData } from './thread';

/** The far end of a `Thread`: does what it is told, one job after the other. */
if (!parentPort) throw new Error('This file runs in a thread of the server.');
const port = parentPort;
const { options, interrupted } = workerData as ThreadData;
const engine = new Engine(options, interrupted);

port.on('message', (order: Order | typeof CLOSE) => {
  if (order === CLOSE) void engine.close().finally(() => port.close());
  else void replyTo(order).then((reply) => port.postMessage(reply));
});

async function replyTo({ kind, asked }: Order): Promise<Reply> {
  try {
    return { done: await engine.do(kind, asked) };
  } catch (error) {
    return { error: errorData(error) };
  }
}
