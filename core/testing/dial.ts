import { vi } from 'vitest';
import { toLayer } from '../layers';
import type { InferRequest, InferResult } from '../ladder/tier';
import { fakeRequest } from './fake-ladder';
import { fakeManifest } from './fake-manifest';
import { fakeState } from './fake-runtime';
import { fakeNetwork, type FakeSocket } from './socket-pair';
import { type LinkStatus, USUAL_PATIENCE_MS } from '../protocol/link';
import { RemoteTier, type RemoteTierOptions } from '../protocol/remote-tier';

const never = () => new AbortController().signal;

export const text = (sample = 0) =>
  fakeRequest({ sampleKey: `sample-${sample}`, input: { kind: 'text', texts: [`sample ${sample}`] } });

export const afterMobile = fakeRequest({
  priorLogits: new Array<number[]>(4).fill([0.5, 0]),
  input: { kind: 'hiddenState', state: fakeState(fakeManifest(), 1, toLayer(4), 3) },
});

const steps = [{ layer: 1, tier: 'edge', logits: [1, 0], computeMs: 2 }] as const;
export const answer = { tokens: 5, steps, crossings: [], queueMs: 1 } as const;

export const mismatch = {
  type: 'error',
  code: 'MODEL_MISMATCH',
  message: 'Another model runs here.',
  retryable: false,
};

/** Time passes, and with it everything that was on its way. */
export const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

/** How a promise stands, without waiting for it. */
function outcomeOf(promise: Promise<InferResult>) {
  const outcome: { result?: InferResult; error?: unknown } = {};
  promise.then(
    (result) => (outcome.result = result),
    (error: unknown) => (outcome.error = error),
  );
  return outcome;
}

/** What a server that keeps the rules, and answers no request by itself, does with a message. */
export function politely(server: FakeSocket, maxInFlight = 8): void {
  server.onmessage = ({ data }) => {
    if (typeof data !== 'string') return;
    const message = JSON.parse(data) as { type: string; id?: number };
    if (message.type === 'hello') say(server, welcome(maxInFlight));
    if (message.type === 'ping') say(server, { type: 'pong', id: message.id });
  };
}

export const welcome = (maxInFlight = 8) => ({
  ...{ type: 'welcome', protocol: 1, tier: 'edge', modelHash: 'hash', variant: 'q8' },
  maxInFlight,
});

export function say(server: FakeSocket | undefined, message: object): void {
  server?.send(JSON.stringify(message));
}

type Accept = Parameters<typeof fakeNetwork>[0];

/** A remote tier, its server’s ends of all connections so far, and every status it has reported. */
export function dial(accept: Accept = (server) => void politely(server), options: Partial<RemoteTierOptions> = {}) {
  const { openSocket, connections } = fakeNetwork(accept);
  const statuses: LinkStatus[] = [];
  const tier = new RemoteTier({
    ...{ url: 'ws://edge/v1/tier', from: 'mobile', to: 'edge', modelHash: 'hash', variant: 'q8', client: 'test' },
    openSocket,
    now: () => performance.now(),
    patienceMs: USUAL_PATIENCE_MS,
    onStatus: (status) => statuses.push(status),
    ...options,
  });
  return {
    tier,
    statuses,
    connections,
    server: () => connections.at(-1)?.server,
    infer: (request: InferRequest = text(), signal = never()) => outcomeOf(tier.infer(request, signal)),
    /** Ids of the requests sent on the latest connection, in order. */
    sentIds: () => requestIds(connections.at(-1)?.client, 'infer'),
    cancelledIds: () => requestIds(connections.at(-1)?.client, 'cancel'),
    /** Answers a request with its own id as its number of tokens. */
    reply: (requestId: number) =>
      say(connections.at(-1)?.server, { type: 'result', requestId, ...answer, tokens: requestId }),
    fail: (requestId: number | undefined, error: object) =>
      say(connections.at(-1)?.server, { type: 'error', requestId, message: 'no', retryable: false, ...error }),
  };
}

function requestIds(client: FakeSocket | undefined, type: string): number[] {
  return (client?.sentMessages ?? [])
    .filter((message) => message.type === type)
    .map((message) => Number(message.requestId));
}

/** A dialled tier whose handshake is done. */
export async function connected(maxInFlight = 8, options: Partial<RemoteTierOptions> = {}) {
  const link = dial((server) => void politely(server, maxInFlight), options);
  await pass();
  return link;
}
