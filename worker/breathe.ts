const { port1, port2 } = new MessageChannel();
const waiting: (() => void)[] = [];
/** Milliseconds that nobody minds: a breath takes about as long as a tenth of a small layer. */
const HOLD_MS = 8;
let lastBreathAt = 0;

/**
 * Lets the worker hear the page, the socket and its timers, if it has not for a while. WASM computes synchronously and its
 * promises resolve in microtasks, so that layer follows on layer, and sample on sample, without a stop ever being heard.
 * A message to oneself is a task of its own; a timer would take 4 ms.
 */
export async function breathe(): Promise<void> {
  if (performance.now() - lastBreathAt < HOLD_MS) return;
  port1.onmessage = () => waiting.shift()?.();
  port2.postMessage(undefined);
  await new Promise<void>((resolve) => waiting.push(resolve));
  lastBreathAt = performance.now();
}
