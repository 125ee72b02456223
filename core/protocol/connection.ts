import { DimeeError, errorData, isAbort } from '../errors';
import type { InferRequest, InferResult, SampleInput, Tier } from '../ladder/tier';
import type { TierName } from '../layers';
import type { Log, LogFields } from '../log';
import type { Manifest } from '../model/manifest';
import type { StateCodecs } from '../payload/state-codecs';
import { PROTOCOL_VERSION } from './limits';
import {
  type ClientMessage,
  encodeError,
  encodeMessage,
  encodeResult,
  type Hello,
  type InferMessage,
  parseClientMessage,
} from './messages';
import { decodeTensorFrame } from './tensor-frame';
import { watchAll, type Watched, type Watcher } from './watcher';

/** The server's end of one client's socket. */
export interface ClientSocket {
  send(message: string): void;
  close(code: number, reason: string): void;
}

export interface ConnectionOptions {
  readonly name: TierName;
  readonly manifest: Manifest;
  /** All that coded payloads may need, read before. */
  readonly codecs: Pick<StateCodecs, 'get'>;
  /** The tier that runs a variant. @throws DimeeError `BAD_INPUT` for a variant the model does not come in. */
  readonly tierOf: (variant: string) => Tier;
  readonly maxInFlight: number;
  /** What a client that asks for too much is told to wait, in milliseconds. */
  readonly retryAfterMs: () => number;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
  /** A line a request at `debug`, without its text. */
  readonly log: Log;
  readonly watcher?: Watcher | undefined;
}

/** An `infer`, and the tier that is to take it. */
interface Arrival {
  readonly tier: Tier;
  readonly infer: InferMessage;
  readonly at: number;
}

/** A sample that has arrived whole. */
interface Arrived {
  readonly input: SampleInput;
  /** When its last byte was here. */
  readonly wholeAt: number;
  readonly decodeMs: number;
}

const HELLO_MS = 5000;
const PROTOCOL_ERROR = 1002;
const POLICY_VIOLATION = 1008;
const INTERNAL_ERROR = 1011;
/** RFC 6455's registry: the server restarts, and whoever was served may come again. */
const SERVICE_RESTART = 1012;
/** What a client that does not know of draining waits before it asks again: by then it may be somewhere else. */
const DRAINING_RETRY_MS = 100;

/** One client's conversation with this tier: the server's side of `PROTOCOL.md`, over any socket. */
export class Connection {
  /** Set by the hello. */
  #tier: Tier | undefined;
  /** The `infer` whose tensor frame must come next. */
  #announced: Arrival | undefined;
  #isClosed = false;
  #isDraining = false;
  readonly #inFlight = new Map<number, AbortController>();
  readonly #helloTimer: ReturnType<typeof setTimeout>;

  constructor(
    private readonly socket: ClientSocket,
    private readonly options: ConnectionOptions,
  ) {
    this.#helloTimer = setTimeout(() => this.#close(PROTOCOL_ERROR, 'no hello'), HELLO_MS);
  }

  /** A message arrived: text, or the bytes of a binary one, which are not kept. */
  receive(data: string | Uint8Array): void {
    if (this.#isClosed) return;
    try {
      if (typeof data === 'string') this.#receiveMessage(parseClientMessage(data));
      else this.#receiveFrame(data);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** Takes no more and says so; closes the socket once what is in flight has been answered (DR1). */
  drain(): void {
    if (this.#isClosed || this.#isDraining) return;
    this.#isDraining = true;
    const message = this.#aboutToEnd;
    if (this.#tier) this.#send(encodeError(undefined, { code: 'DRAINING', message, retryable: true }));
    this.#closeOnceDrained();
  }

  get #aboutToEnd(): string {
    return `The ${this.options.name} tier is about to end and takes no more.`;
  }

  #closeOnceDrained(): void {
    if (this.#isDraining && !this.#isClosed && this.#inFlight.size === 0)
      this.#close(SERVICE_RESTART, 'the server is about to end');
  }

  /** The socket is closed, by either side (RQ7). */
  closed(): void {
    this.#isClosed = true;
    this.#announced = undefined;
    clearTimeout(this.#helloTimer);
    for (const cancel of this.#inFlight.values()) cancel.abort();
    this.#inFlight.clear();
  }

  #receiveMessage(message: ClientMessage): void {
    if (this.#announced) throw badMessage(`A tensor frame must follow its infer at once, not “${message.type}”`);
    if (message.type === 'hello') return this.#greet(message);
    const tier = this.#tier;
    if (!tier) throw badMessage(`The first message must be “hello”, not “${message.type}”`);
    switch (message.type) {
      case 'infer':
        return this.#receiveInfer({ tier, infer: message, at: this.options.now() });
      case 'cancel':
        return this.#cancel(message.requestId);
      case 'ping':
        return this.#send(encodeMessage({ type: 'pong', id: message.id }));
    }
  }

  #greet({ protocol, modelHash, variant, client }: Hello): void {
    const { name, manifest, tierOf, maxInFlight, watcher, log } = this.options;
    if (this.#tier) throw badMessage('A connection must begin with one “hello”, not two');
    if (protocol !== PROTOCOL_VERSION) {
      const message = `This tier speaks version ${PROTOCOL_VERSION} of the protocol, not ${protocol}. Reload the page.`;
      throw new DimeeError('PROTOCOL_VERSION', message);
    }
    if (modelHash !== manifest.hash) {
      const message = `This tier runs model ${manifest.id} with hash ${manifest.hash}, not ${modelHash}. Reload the page.`;
      throw new DimeeError('MODEL_MISMATCH', message);
    }
    this.#tier = tierOf(variant);
    clearTimeout(this.#helloTimer);
    log('info', `hello from ${JSON.stringify(client)} for ${variant}`);
    this.#send(
      encodeMessage({
        ...{ type: 'welcome', protocol: PROTOCOL_VERSION, tier: name, modelHash, variant, maxInFlight },
        ...(watcher?.traces && { traces: true }),
      }),
    );
  }

  #receiveInfer(arrival: Arrival): void {
    const { input } = arrival.infer;
    if (input.kind === 'hiddenState') this.#announced = arrival;
    else this.#start(arrival, { input, wholeAt: arrival.at, decodeMs: 0 });
  }

  #receiveFrame(bytes: Uint8Array): void {
    const announced = this.#announced;
    if (!announced) throw badMessage('A tensor frame must be announced by an infer');
    const { infer } = announced;
    const { codecs, now } = this.options;
    const wholeAt = now();
    const { requestId, startLayer, state } = decodeTensorFrame(bytes, codecs);
    const expectedLayer = infer.priorLogits.length + 1;
    if (requestId !== infer.requestId || startLayer !== expectedLayer) {
      const expected = `be of request ${infer.requestId} and layer ${expectedLayer}`;
      throw badMessage(`The tensor frame must ${expected}, not of request ${requestId} and layer ${startLayer}`);
    }
    this.#announced = undefined;
    this.#start(announced, { input: { kind: 'hiddenState', state }, wholeAt, decodeMs: now() - wholeAt });
  }

  #start(arrival: Arrival, arrived: Arrived): void {
    const { requestId, deadlineMs } = arrival.infer;
    const { maxInFlight, retryAfterMs, now } = this.options;
    if (this.#inFlight.has(requestId)) {
      return this.#refuse(requestId, badMessage(`Request ${requestId} must be over before its id is used again`));
    }
    if (this.#isDraining) {
      const details = { retryable: true, retryAfterMs: DRAINING_RETRY_MS };
      return this.#refuse(requestId, new DimeeError('OVERLOADED', this.#aboutToEnd, details));
    }
    if (this.#inFlight.size >= maxInFlight) {
      const message = `This client has ${maxInFlight} requests in flight, its full share.`;
      const details = { retryable: true, retryAfterMs: retryAfterMs() };
      return this.#refuse(requestId, new DimeeError('OVERLOADED', message, details));
    }
    const cancel = new AbortController();
    this.#inFlight.set(requestId, cancel);
    const leftMs = arrival.at + deadlineMs - now();
    const deadline = setTimeout(() => cancel.abort(this.#deadlineExceeded(deadlineMs)), leftMs);
    const watched = (this.options.watcher ?? NOBODY).began(arrival.infer);
    void this.#answer(arrival, arrived, cancel, watched).finally(() => clearTimeout(deadline));
  }

  /** Answers a request exactly once, unless it was cancelled (RQ5, RQ6). */
  async #answer(
    { tier, infer, at }: Arrival,
    { input, wholeAt, decodeMs }: Arrived,
    cancel: AbortController,
    watched: Watched,
  ): Promise<void> {
    const { requestId, task } = infer;
    const { log, now } = this.options;
    try {
      const found = await tier.infer(askedOf(infer, input, watched.traceparent), cancel.signal);
      cancel.signal.throwIfAborted();
      const result = arrivedHere(found, decodeMs, now() - wholeAt);
      this.#send(encodeResult(requestId, result));
      watched.answered(result);
      const { traceparent } = watched;
      log('debug', lineOf(requestId, task, result, now() - at), { ...fieldsOf(requestId, task, result), traceparent });
    } catch (error) {
      if (isAbort(error)) return watched.cancelled();
      watched.failed(errorData(error).code);
      this.#fail(requestId, error);
    } finally {
      // After a cancel the id may already be another request's.
      if (this.#inFlight.get(requestId) === cancel) this.#inFlight.delete(requestId);
      this.#closeOnceDrained();
    }
  }

  #cancel(requestId: number): void {
    this.#inFlight.get(requestId)?.abort();
    this.#inFlight.delete(requestId);
    this.#closeOnceDrained();
  }

  #deadlineExceeded(deadlineMs: number): DimeeError {
    const message = `The ${this.options.name} tier could not answer within ${Math.round(deadlineMs)} ms.`;
    return new DimeeError('DEADLINE_EXCEEDED', message, { retryable: true });
  }

  #refuse(requestId: number, error: DimeeError): void {
    this.options.watcher?.refused(error.code);
    this.#fail(requestId, error);
  }

  #fail(requestId: number, error: unknown): void {
    const data = errorData(error);
    if (data.code === 'INTERNAL') this.options.log('error', `request ${requestId} failed: ${data.message}`);
    this.#send(encodeError(requestId, data));
  }

  /** Ends the connection with an error about it as a whole (ER1). */
  #giveUp(error: unknown): void {
    const data = errorData(error);
    this.options.watcher?.refused(data.code);
    this.options.log('warn', `connection given up: ${data.code} ${data.message}`);
    this.#send(encodeError(undefined, data));
    this.#close(closeCodeOf(error), data.code);
  }

  #send(message: string): void {
    if (!this.#isClosed) this.socket.send(message);
  }

  #close(code: number, reason: string): void {
    this.closed();
    this.socket.close(code, reason);
  }
}

const NOBODY = watchAll([]);

/** What the tier is asked: the message but for what is the connection's own. */
function askedOf(infer: InferMessage, input: SampleInput, traceparent: string | undefined): InferRequest {
  const { sampleKey, task, policy, plan, priorLogits, rowSeed, standIn, payloadDtype, deadlineMs } = infer;
  const asked = { sampleKey, task, policy, plan, priorLogits, rowSeed, input, standIn, payloadDtype, deadlineMs };
  return { ...asked, traceparent };
}

/** The result with this tier's stay counted from the sample's last byte, which its ladder has not seen (RS3). */
function arrivedHere({ stays: [own, ...beyond] = [], ...result }: InferResult, decodeMs: number, totalMs: number) {
  return own ? { ...result, stays: [{ ...own, totalMs, decodeMs }, ...beyond] } : result;
}

/** What became of a request, in a line for the log. */
function lineOf(requestId: number, task: string, { tokens, steps, queueMs }: InferResult, totalMs: number): string {
  const [first, last] = [steps[0], steps.at(-1)];
  const layers = `layers ${first?.layer} to ${last?.layer}, left at the ${last?.tier} tier`;
  const times = `${totalMs.toFixed(1)} ms, of which ${queueMs.toFixed(1)} in the queue`;
  return `request ${requestId}: ${task}, ${tokens} tokens, ${layers}, ${times}`;
}

/** The same for machines. */
function fieldsOf(requestId: number, task: string, { tokens, steps, queueMs, stays }: InferResult): LogFields {
  const exit = steps.at(-1);
  const exitAt = { layers: steps.length, exitLayer: exit?.layer, exitTier: exit?.tier };
  return { requestId, task, tokens, ...exitAt, queueMs, totalMs: stays?.[0]?.totalMs };
}

function badMessage(expectation: string): DimeeError {
  return new DimeeError('BAD_MESSAGE', `${expectation}.`);
}

/** HS3 and HS4 refuse a client that keeps the protocol; what is not ours is a fault of this tier; the rest breaks a rule. */
function closeCodeOf(error: unknown): number {
  if (!(error instanceof DimeeError)) return INTERNAL_ERROR;
  return error.code === 'MODEL_MISMATCH' || error.code === 'BAD_INPUT' ? POLICY_VIOLATION : PROTOCOL_ERROR;
}
