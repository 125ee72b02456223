import type { CDPSession, Page } from 'playwright';

/** Chrome's own preset of that name, in bytes a second and milliseconds a request. */
const FAST_4G = {
  offline: false,
  latency: 165,
  downloadThroughput: (9_000_000 / 8) * 0.9,
  uploadThroughput: (1_500_000 / 8) * 0.9,
};
const CPU_SLOWDOWN = 4;

/** What is told of a request and its answer. */
interface NetworkEvent {
  readonly requestId: string;
  readonly type?: string;
  readonly encodedDataLength?: number;
}

/** The page, or a worker of it, as the browser's developer tools see it. */
interface Target {
  send(method: string, parameters?: object): Promise<unknown>;
  /** Hears of every event. */
  listen(hear: (method: string, event: NetworkEvent) => void): void;
}

/** Counts what the scripts of the page and of its workers weigh on the line, from now on, by when they had come. */
export async function followScripts(page: Page): Promise<{ bytesBy(epochMs: number): number }> {
  const arrived: { readonly at: number; readonly bytes: number }[] = [];
  await withWorkers(page, async (target) => {
    const scripts = new Set<string>();
    target.listen((method, { requestId, type, encodedDataLength = 0 }) => {
      if (method === 'Network.responseReceived' && type === 'Script') scripts.add(requestId);
      if (method !== 'Network.loadingFinished' || !scripts.has(requestId)) return;
      arrived.push({ at: Date.now(), bytes: encodedDataLength });
    });
    await target.send('Network.enable');
  });
  return {
    bytesBy: (epochMs) => arrived.filter(({ at }) => at <= epochMs).reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/**
 * A quarter of the CPU, and Fast 4G for the page and its workers. Chromium slows the page's thread alone, so that workers
 * compute as fast as ever, and no sockets, so that the edge answers as on loopback.
 */
export async function slowDown(page: Page): Promise<void> {
  await withWorkers(page, async (target, isPage) => {
    await target.send('Network.enable');
    await target.send('Network.emulateNetworkConditions', FAST_4G);
    if (isPage) await target.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
  });
}

/** Sets up the page, and each worker that it starts before that worker's script runs. */
async function withWorkers(page: Page, setUp: (target: Target, isPage: boolean) => Promise<void>): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await setUp(targetOf(session), true);
  session.on('Target.attachedToTarget', ({ sessionId }) => {
    const worker = workerOf(session, sessionId);
    void setUp(worker, false).then(() => worker.send('Runtime.runIfWaitingForDebugger'));
  });
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: false });
}

function targetOf(session: CDPSession): Target {
  const events = ['Network.responseReceived', 'Network.loadingFinished'] as const;
  return {
    send: (method, parameters) => session.send(method as 'Network.enable', parameters as never),
    listen: (hear) => events.forEach((method) => session.on(method, (event: NetworkEvent) => hear(method, event))),
  };
}

/** Playwright has no sessions for workers: their messages travel in those of the page. */
function workerOf(session: CDPSession, sessionId: string): Target {
  let id = 0;
  return {
    send: (method, params = {}) =>
      session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id: ++id, method, params }) }),
    listen: (hear) =>
      session.on('Target.receivedMessageFromTarget', (received) => {
        const { method, params } = JSON.parse(received.message) as { method?: string; params: NetworkEvent };
        if (received.sessionId === sessionId && method) hear(method, params);
      }),
  };
}
