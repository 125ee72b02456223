import { randomUUID } from 'node:crypto';
import type { TierName } from '../../core/layers';
import { PROTOCOL_VERSION } from '../../core/protocol/limits';
import { encodeInfer, encodeMessage, parseServerMessage, type Hello } from '../../core/protocol/messages';
import type { OpenSocket, Socket } from '../../core/protocol/socket';
import type { LoadSample } from './samples';

/** What became of a sample. */
export type Outcome =
  | { readonly error: undefined; readonly layer: number; readonly tier: TierName; readonly computeMs: number }
  /** The protocol's code, or `CLOSED` where the connection ended first, or `NO_ANSWER`. */
  | { readonly error: string; readonly computeMs?: undefined; readonly retryAfterMs?: number | undefined };

interface Asked {
  readonly sample: LoadSample;
  readonly deadlineAt: number;
  readonly heard: (outcome: Outcome) => void;
}

/** Where the header of a tensor frame has the number of its request (TF1). */
const REQUEST_ID_AT = 8;

/**
 * A client that sends what is due and asks for nothing twice: what a tier refuses is refused. What goes beyond its share of
 * requests in flight waits here, as it does in a page.
 */
export class LoadClient {
  readonly #inFlight = new Map<number, Asked>();
  readonly #waiting: Asked[] = [];
  #isOpen = true;
  #nextId = 1;

  private constructor(
    private readonly socket: Socket,
    private readonly maxInFlight: number,
  ) {
    socket.onmessage = ({ data }) => this.#receive(String(data));
    socket.onclose = () => this.#closed();
  }

  /** Resolves once welcome. @throws Error where the server does not let it in. */
  static open(url: string, hello: Omit<Hello, 'type' | 'protocol'>, openSocket: OpenSocket): Promise<LoadClient> {
    const socket = openSocket(url);
    return new Promise((resolve, reject) => {
      socket.onerror = () => undefined;
      socket.onclose = ({ code, reason }) => reject(new Error(`not let in: ${code} ${reason}`.trim()));
      socket.onopen = () => socket.send(encodeMessage({ type: 'hello', protocol: PROTOCOL_VERSION, ...hello }));
      socket.onmessage = ({ data }) => {
        const message = parseServerMessage(String(data));
        if (message.type === 'welcome') resolve(new LoadClient(socket, message.maxInFlight));
        else if (message.type === 'error') reject(new Error(message.message));
      };
    });
  }

  /** @param deadlineAt by `performance.now()`. */
  ask(sample: LoadSample, deadlineAt: number): Promise<Outcome> {
    if (!this.#isOpen) return Promise.resolve({ error: 'CLOSED' });
    return new Promise((heard) => {
      this.#waiting.push({ sample, deadlineAt, heard });
      this.#sendOn();
    });
  }

  /** What has not been answered is `NO_ANSWER`. */
  close(): void {
    this.#end('NO_ANSWER');
    this.socket.close(1000, 'done');
  }

  #sendOn(): void {
    while (this.#inFlight.size < this.maxInFlight) {
      const asked = this.#waiting.shift();
      if (!asked) return;
      const leftMs = Math.floor(asked.deadlineAt - performance.now());
      if (leftMs > 0) this.#send(asked, leftMs);
      else asked.heard({ error: 'DEADLINE_EXCEEDED' });
    }
  }

  #send(asked: Asked, deadlineMs: number): void {
    const requestId = this.#nextId++;
    const { request, frame } = asked.sample;
    this.#inFlight.set(requestId, asked);
    this.socket.send(encodeInfer(requestId, { ...request, sampleKey: randomUUID(), deadlineMs }, deadlineMs));
    if (!frame) return;
    const own = frame.slice();
    new DataView(own.buffer).setUint32(REQUEST_ID_AT, requestId, true);
    this.socket.send(own);
  }

  #receive(json: string): void {
    const message = parseServerMessage(json);
    if (message.type !== 'result' && message.type !== 'error') return;
    const { requestId } = message;
    const asked = requestId === undefined ? undefined : this.#inFlight.get(requestId);
    if (!asked || requestId === undefined) return;
    this.#inFlight.delete(requestId);
    asked.heard(outcomeOf(message));
    this.#sendOn();
  }

  #closed(): void {
    this.#end('CLOSED');
  }

  #end(error: string): void {
    this.#isOpen = false;
    for (const { heard } of [...this.#inFlight.values(), ...this.#waiting.splice(0)]) heard({ error });
    this.#inFlight.clear();
  }
}

function outcomeOf(message: Extract<ReturnType<typeof parseServerMessage>, { type: 'result' | 'error' }>): Outcome {
  if (message.type === 'error') return { error: message.code, retryAfterMs: message.retryAfterMs };
  const { steps } = message;
  const exit = steps.at(-1);
  if (!exit) return { error: 'BAD_MESSAGE' };
  const computeMs = steps.reduce((sum, step) => sum + step.computeMs, 0);
  return { error: undefined, layer: exit.layer, tier: exit.tier, computeMs };
}
