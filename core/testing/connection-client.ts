import { vi } from 'vitest';
import { toLayer } from '../layers';
import type { InferRequest, InferResult, Tier } from '../ladder/tier';
import { variantOf } from '../model/manifest';
import { PROTOCOL_VERSION } from '../protocol/limits';
import { parseServerMessage, type ServerMessage } from '../protocol/messages';
import { encodeTensorFrame } from '../protocol/tensor-frame';
import { fakeCodecs } from './fake-codecs';
import { fakeRequest } from './fake-ladder';
import { fakeManifest } from './fake-manifest';
import { fakeState } from './fake-runtime';
import { gate } from './gate';
import { Connection, type ConnectionOptions } from '../protocol/connection';

export const manifest = fakeManifest();
export const codecs = fakeCodecs(manifest);
await codecs.loadAll();

export const HELLO = {
  type: 'hello',
  protocol: PROTOCOL_VERSION,
  modelHash: manifest.hash,
  variant: 'q8',
  client: 'test',
};

export const RESULT: InferResult = {
  tokens: 4,
  steps: [{ layer: toLayer(5), tier: 'edge', logits: [1, -1], computeMs: 2 }],
  crossings: [],
  queueMs: 0,
};

/** Lets everything happen that needs no time. */
export const settled = () => vi.advanceTimersByTimeAsync(0);

/** A connection over a socket that writes down what is sent and how it is closed. */
export class Client {
  readonly heard: ServerMessage[] = [];
  readonly log: string[] = [];
  closed: { code: number; reason: string } | undefined;
  readonly connection: Connection;

  constructor(
    tier: Tier = { infer: () => Promise.resolve(RESULT) },
    maxInFlight = 4,
    options: Partial<ConnectionOptions> = {},
  ) {
    const socket = {
      send: (message: string) => void this.heard.push(parseServerMessage(message)),
      close: (code: number, reason: string) => (this.closed ??= { code, reason }),
    };
    this.connection = new Connection(socket, {
      name: 'edge',
      manifest,
      codecs,
      tierOf: (variant) => {
        variantOf(manifest, variant);
        return tier;
      },
      maxInFlight,
      retryAfterMs: () => 70,
      now: () => Date.now(),
      log: (level, line) => this.log.push(`${level} ${line}`),
      ...options,
    });
  }

  static greeted(tier?: Tier, maxInFlight?: number, options?: Partial<ConnectionOptions>): Client {
    const client = new Client(tier, maxInFlight, options);
    client.say(HELLO);
    client.heard.length = 0;
    return client;
  }

  say(message: object | string | Uint8Array): void {
    const isRaw = typeof message === 'string' || message instanceof Uint8Array;
    this.connection.receive(isRaw ? message : JSON.stringify(message));
  }

  get last(): ServerMessage | undefined {
    return this.heard.at(-1);
  }
}

/** A tier that answers when it is told to, and writes down what it was asked. */
export class SlowTier implements Tier {
  readonly asked: { request: InferRequest; signal: AbortSignal; answer: () => void }[] = [];

  async infer(request: InferRequest, signal: AbortSignal): Promise<InferResult> {
    const { opened, open } = gate();
    this.asked.push({ request, signal, answer: open });
    signal.addEventListener('abort', open);
    await opened;
    signal.throwIfAborted();
    return RESULT;
  }
}

export const infer = (requestId: number, changes: Partial<Record<keyof InferRequest, unknown>> = {}) => ({
  type: 'infer',
  requestId,
  ...fakeRequest(),
  ...changes,
});

export const afterMobile = { priorLogits: new Array<number[]>(4).fill([0, 0]), input: { kind: 'hiddenState' } };

export const frame = (requestId: number, startLayer = 5) =>
  encodeTensorFrame({
    requestId,
    startLayer: toLayer(startLayer),
    dtype: 'float32',
    state: fakeState(manifest, 1, toLayer(4)),
  });
