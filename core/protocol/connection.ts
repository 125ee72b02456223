import { abortable } from '../abortable';
import { DimeeError, type ErrorCode, errorData, hasCode, isAbort } from '../errors';
import { askerOf, type InferRequest, type InferResult, type Origin, type SampleInput, type Tier } from '../ladder/tier';
import type { HiddenState } from '../hidden-state';
import type { TierName } from '../layers';
import type { Log, LogFields } from '../log';
import type { Manifest } from '../model/manifest';
import { estimatedTokens } from '../model/tokens';
import { CODES_AT_ONCE, type StateCoder, type WrittenState } from '../payload/state-coder';
import type { StateCodecs } from '../payload/state-codecs';
import type { Admitted } from '../scheduling/admission';
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
import { Represented } from './represented';
import { openTensorFrame } from './tensor-frame';
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
  /** Reads hidden states; by default at once. */
  readonly coder?: Pick<StateCoder, 'read'>;
  /**
   * Lets a request of so many tokens in, before its hidden state is read. Those of a text are estimated.
   * @throws DimeeError `OVERLOADED`
   */
  readonly admit?: (tokens: number, client: object) => Admitted;
  /** Why a hello with this token, or with none, is not let in (HS8); without it everybody is. */
  readonly authorize?: (token: string | undefined) => DimeeError | undefined;
  /** An edge is believed that says for which of its clients a sample is (RQ12). */
  readonly believesEdges?: boolean;
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

/** What a sample's arrival took, until its tier was asked. */
interface Reception {
  /** When its last byte was here. */
  readonly wholeAt: number;
  queueMs: number;
  decodeMs: number;
}

/** A hidden state as its frame brought it. */
interface Written {
  readonly kind: 'written';
  readonly written: WrittenState;
}

const REFUSALS: ReadonlySet<ErrorCode> = new Set(['UNAUTHORIZED', 'MODEL_MISMATCH', 'BAD_INPUT']);
const NOBODY_WAITS: Admitted = { computed: () => undefined, leave: () => undefined };
/** What a sample is taken to have before its state is looked for. */
const USUAL_TOKENS = 32;
/** Trespasses after which a client is cut, as a multiple of its share of requests in flight. */
const TRESPASSES_A_SHARE = 8;
/** A page that is refused asks two or three times a second what it has left of its window. */
const FORGIVEN_A_SECOND = 5;
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
  /** Requests that it knew better than to send, or that came while the tier was full, less those answered and forgiven. */
  #trespasses = 0;
  #trespassedAt = Number.NEGATIVE_INFINITY;
  readonly #inFlight = new Map<number, AbortController>();
  readonly #represented = new Represented();
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

  #greet({ protocol, modelHash, variant, client, token }: Hello): void {
    const { name, manifest, tierOf, maxInFlight, watcher, log, authorize } = this.options;
    if (this.#tier) throw badMessage('A connection must begin with one “hello”, not two');
    if (protocol !== PROTOCOL_VERSION) {
      const message = `This tier speaks version ${PROTOCOL_VERSION} of the protocol, not ${protocol}. Reload the page.`;
      throw new DimeeError('PROTOCOL_VERSION', message);
    }
    const refusal = authorize?.(token);
    if (refusal) throw refusal;
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
    else this.#start(arrival, input);
  }

  #receiveFrame(bytes: Uint8Array): void {
    const announced = this.#announced;
    if (!announced) throw badMessage('A tensor frame must be announced by an infer');
    const { infer } = announced;
    const { requestId, startLayer, written } = openTensorFrame(bytes, this.options.codecs);
    const expectedLayer = infer.priorLogits.length + 1;
    if (requestId !== infer.requestId || startLayer !== expectedLayer) {
      const expected = `be of request ${infer.requestId} and layer ${expectedLayer}`;
      throw badMessage(`The tensor frame must ${expected}, not of request ${requestId} and layer ${startLayer}`);
    }
    this.#announced = undefined;
    this.#start(announced, { kind: 'written', written });
  }

  #start(arrival: Arrival, input: SampleInput | Written): void {
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
      this.#refuse(requestId, new DimeeError('OVERLOADED', message, details));
      return this.#trespassed();
    }
    const cancel = new AbortController();
    this.#inFlight.set(requestId, cancel);
    const leftMs = arrival.at + deadlineMs - now();
    const deadline = setTimeout(() => cancel.abort(this.#deadlineExceeded(deadlineMs)), leftMs);
    const watched = (this.options.watcher ?? NOBODY).began(arrival.infer);
    void this.#answer(arrival, input, cancel, watched).finally(() => clearTimeout(deadline));
  }

  /** Answers a request exactly once, unless it was cancelled (RQ5, RQ6). */
  async #answer(
    { tier, infer, at }: Arrival,
    input: SampleInput | Written,
    cancel: AbortController,
    watched: Watched,
  ): Promise<void> {
    const { requestId, task } = infer;
    const { admit, log, now } = this.options;
    const { traceparent } = watched;
    const reception = { wholeAt: now(), queueMs: 0, decodeMs: 0 };
    let admitted = NOBODY_WAITS;
    let whole: SampleInput | undefined;
    try {
      admitted = admit?.(tokensOf(input, this.options.manifest.maxTokens), this.#clientOf(infer)) ?? NOBODY_WAITS;
      const asked = { ...this.#requestOf(infer, admitted), traceparent };
      const read = this.#read(input, asked, cancel.signal, reception);
      whole = read instanceof Promise ? await read : read;
      const found = await abortable(tier.infer({ ...asked, input: whole }, cancel.signal), cancel.signal);
      const result = arrivedHere(found, reception, now() - reception.wholeAt);
      this.#send(encodeResult(requestId, result));
      this.#trespasses = Math.max(this.#trespasses - 1, 0);
      watched.answered(result);
      log('debug', lineOf(requestId, task, result, now() - at), { ...fieldsOf(requestId, task, result), traceparent });
    } catch (error) {
      if (isAbort(error)) return watched.cancelled();
      watched.failed(errorData(error).code);
      if (!whole && hasCode(error, 'BAD_FRAME')) this.#giveUp(error);
      else this.#fail(requestId, error);
      if (!whole && (hasCode(error, 'BAD_INPUT') || hasCode(error, 'OVERLOADED'))) this.#trespassed();
    } finally {
      admitted.leave();
      // After a cancel the id may already be another request's.
      if (this.#inFlight.get(requestId) === cancel) this.#inFlight.delete(requestId);
      this.#closeOnceDrained();
    }
  }

  /** The sample, its hidden state read; a promise only where that takes its turn. */
  #read(
    input: SampleInput | Written,
    asked: Omit<InferRequest, 'input'>,
    signal: AbortSignal,
    reception: Reception,
  ): SampleInput | Promise<SampleInput> {
    if (input.kind !== 'written') return input;
    const { coder = CODES_AT_ONCE, now } = this.options;
    const asker = askerOf(asked, signal, now(), (waitedMs) => void (reception.queueMs += waitedMs));
    const toInput = (state: HiddenState): SampleInput => {
      reception.decodeMs = now() - reception.wholeAt - reception.queueMs;
      return { kind: 'hiddenState', state };
    };
    const state = coder.read(input.written, asker);
    return state instanceof Promise ? state.then(toInput) : toInput(state);
  }

  #requestOf(infer: InferMessage, { computed, leave }: Admitted): Omit<InferRequest, 'input'> {
    const { sampleKey, task, policy, plan, priorLogits, rowSeed, standIn, payloadDtype, deadlineMs } = infer;
    const origin: Origin = { client: this.#clientOf(infer), onComputed: computed, onHandedOn: leave };
    return { sampleKey, task, policy, plan, priorLogits, rowSeed, standIn, payloadDtype, deadlineMs, origin };
  }

  /** Whose turn it is: this connection's, or that of the client whose sample an edge passes on. */
  #clientOf({ onBehalfOf }: InferMessage): object {
    return onBehalfOf !== undefined && this.options.believesEdges ? this.#represented.of(onBehalfOf) : this;
  }

  /** A client knows its share, the model's shapes and how long to wait: one that goes on beyond them is cut. */
  #trespassed(): void {
    const at = this.options.now();
    const forgiven = ((at - this.#trespassedAt) / 1000) * FORGIVEN_A_SECOND;
    this.#trespassedAt = at;
    this.#trespasses = Math.max(this.#trespasses - forgiven, 0);
    if (++this.#trespasses <= TRESPASSES_A_SHARE * this.options.maxInFlight || this.#isClosed) return;
    const message = 'This connection has asked for far more than its share.';
    this.#giveUp(new DimeeError('OVERLOADED', message, { retryable: true }), POLICY_VIOLATION);
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
  #giveUp(error: unknown, closeCode = closeCodeOf(error)): void {
    const data = errorData(error);
    this.options.watcher?.refused(data.code);
    this.options.log('warn', `connection given up: ${data.code} ${data.message}`);
    this.#send(encodeError(undefined, data));
    this.#close(closeCode, data.code);
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

/** The result with this tier's stay counted from the sample's last byte, which its ladder has not seen (RS3). */
function arrivedHere(result: InferResult, { queueMs, decodeMs }: Reception, totalMs: number): InferResult {
  const [own, ...beyond] = result.stays ?? [];
  if (!own) return result;
  const stay = { ...own, totalMs, decodeMs, queueMs: own.queueMs + queueMs };
  return { ...result, queueMs: result.queueMs + queueMs, stays: [stay, ...beyond] };
}

/** Of a sample that has arrived, as far as that can be known yet. */
function tokensOf(input: SampleInput | Written, maxTokens: number): number {
  switch (input.kind) {
    case 'written':
      return input.written.tokens;
    case 'hiddenState':
      return input.state.tokens;
    case 'text':
      return estimatedTokens(input.texts, maxTokens);
    case 'held':
      return USUAL_TOKENS;
  }
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

/** HS3, HS4 and HS8 refuse a client that keeps the protocol; what is not ours is a fault of this tier; the rest breaks a rule. */
function closeCodeOf(error: unknown): number {
  if (!(error instanceof DimeeError)) return INTERNAL_ERROR;
  return REFUSALS.has(error.code) ? POLICY_VIOLATION : PROTOCOL_ERROR;
}
