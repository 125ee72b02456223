import { DimeeError } from '../errors';
import { enteredAfter, type InferRequest, type InferResult, type Tier } from '../ladder/tier';
import { layerAfter, type TierName } from '../layers';
import { isCoded, type WireDtype } from '../payload/payload';
import { NO_CODECS, type StateCodecs } from '../payload/state-codecs';
import { LIMITS } from './limits';
import { Link, type LinkOptions } from './link';
import { encodeInfer, encodeMessage, type ErrorMessage, type ResultMessage } from './messages';
import { encodeTensorFrame } from './tensor-frame';

export interface RemoteTierOptions extends LinkOptions {
  readonly from: TierName;
  /** For coded payloads; without any they cross as int8. */
  readonly codecs?: Pick<StateCodecs, 'dtypeAfter'>;
}

interface Pending {
  readonly requestId: number;
  readonly request: InferRequest;
  readonly deadlineAt: number;
  readonly resolve: (result: InferResult) => void;
  readonly reject: (reason: unknown) => void;
  /** How its hidden state is written. Undefined while a codec for that is being read. */
  dtype: WireDtype | undefined;
  sent: { readonly at: number; readonly bytes: number } | undefined;
  /** Runs while an overloaded tier wants to be left alone. */
  retryTimer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * The way to a tier behind a WebSocket (`PROTOCOL.md`). Requests are pipelined within the server's share, wait for a lost
 * connection and are sent again by their id. While the tier cannot be reached they fail with `TIER_UNAVAILABLE`, and the
 * connection is tried on in the background.
 */
export class RemoteTier implements Tier {
  readonly #pending = new Map<number, Pending>();
  readonly #link: Link;
  #nextRequestId = 1;

  constructor(private readonly options: RemoteTierOptions) {
    this.#link = new Link(options, {
      opened: () => this.#flush(),
      answered: (message, bytes) =>
        message.type === 'result' ? this.#answered(message, bytes) : this.#failed(message, message.requestId),
      lost: () => this.#pending.forEach((pending) => (pending.sent = undefined)),
      blamed: (error) => this.#failAll(error, (pending) => pending.sent !== undefined),
      failed: (error) => this.#failAll(error),
    });
  }

  infer(request: InferRequest, signal: AbortSignal): Promise<InferResult> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#link.failure) return Promise.reject(this.#link.failure);
    const requestId = this.#nextRequestId++;
    const deadlineMs = Math.min(request.deadlineMs, LIMITS.maxDeadlineMs);
    return new Promise<InferResult>((resolve, reject) => {
      const deadline = setTimeout(() => this.#expire(requestId), deadlineMs);
      const abort = () => this.#cancel(requestId, signal.reason);
      const settle = () => {
        clearTimeout(deadline);
        clearTimeout(this.#pending.get(requestId)?.retryTimer);
        signal.removeEventListener('abort', abort);
        this.#pending.delete(requestId);
      };
      signal.addEventListener('abort', abort, { once: true });
      const pending: Pending = {
        requestId,
        request,
        deadlineAt: this.options.now() + deadlineMs,
        resolve: (result) => (settle(), resolve(result)),
        reject: (reason) => (settle(), reject(reason)),
        dtype: isCoded(request.payloadDtype) ? undefined : request.payloadDtype,
        sent: undefined,
        retryTimer: undefined,
      };
      this.#pending.set(requestId, pending);
      if (lacksCodec(pending)) void this.#chooseDtype(pending);
      else this.#flush();
    });
  }

  /** Fails what is pending and ends the connection for good. */
  close(): void {
    this.#link.close();
  }

  /** Sends what waits, oldest first, as far as the server's share goes. */
  #flush(): void {
    const { welcome } = this.#link;
    if (!welcome) return;
    const all = [...this.#pending.values()];
    let inFlight = all.filter((pending) => pending.sent).length;
    for (const pending of all) {
      if (inFlight >= welcome.maxInFlight) return;
      if (pending.sent || pending.retryTimer !== undefined || lacksCodec(pending)) continue;
      if (this.#send(pending)) inFlight++;
    }
  }

  async #chooseDtype(pending: Pending): Promise<void> {
    const { request } = pending;
    const { codecs = NO_CODECS } = this.options;
    try {
      pending.dtype = await codecs.dtypeAfter(enteredAfter(request), request.payloadDtype);
      this.#flush();
    } catch (error) {
      pending.reject(error);
    }
  }

  /** Whether it could be written: what cannot be is rejected. */
  #send(pending: Pending): boolean {
    const at = this.options.now();
    let messages: (string | Uint8Array<ArrayBuffer>)[];
    try {
      messages = messagesOf(pending, at);
    } catch (error) {
      pending.reject(error);
      return false;
    }
    const bytes = messages.reduce((sum, message) => sum + this.#link.send(message), 0);
    pending.sent = { at, bytes };
    return true;
  }

  #answered(message: ResultMessage, bytesDown: number): void {
    const pending = this.#pending.get(message.requestId);
    if (!pending?.sent) return;
    const { from, to, now } = this.options;
    const crossing = {
      from,
      to,
      afterLayer: enteredAfter(pending.request),
      bytesUp: pending.sent.bytes,
      bytesDown,
      roundTripMs: now() - pending.sent.at,
    };
    const { tokens, steps, crossings, queueMs } = message;
    pending.resolve({ tokens, steps, crossings: [crossing, ...crossings], queueMs });
    this.#flush();
  }

  #failed(message: ErrorMessage, requestId: number): void {
    const error = DimeeError.from(message);
    const pending = this.#pending.get(requestId);
    if (!pending) return;
    if (error.code !== 'OVERLOADED') {
      pending.reject(error);
      return this.#flush();
    }
    pending.sent = undefined;
    pending.retryTimer = setTimeout(() => {
      pending.retryTimer = undefined;
      this.#flush();
    }, error.retryAfterMs ?? 100);
  }

  #cancel(requestId: number, reason: unknown): void {
    const pending = this.#pending.get(requestId);
    if (pending?.sent) this.#link.send(encodeMessage({ type: 'cancel', requestId }));
    pending?.reject(reason);
    this.#flush();
  }

  #expire(requestId: number): void {
    const message = `The ${this.options.to} tier did not answer in time.`;
    this.#cancel(requestId, new DimeeError('DEADLINE_EXCEEDED', message, { retryable: true }));
  }

  #failAll(reason: unknown, isConcerned: (pending: Pending) => boolean = () => true): void {
    for (const pending of [...this.#pending.values()].filter(isConcerned)) pending.reject(reason);
  }
}

function lacksCodec({ request, dtype }: Pending): boolean {
  return request.input.kind === 'hiddenState' && dtype === undefined;
}

/** The `infer` and, where the sample is a hidden state, its tensor frame (RQ3). */
function messagesOf(
  { requestId, request, deadlineAt, dtype }: Pending,
  now: number,
): (string | Uint8Array<ArrayBuffer>)[] {
  const { input } = request;
  const infer = encodeInfer(requestId, request, Math.max(deadlineAt - now, 0));
  if (input.kind !== 'hiddenState' || dtype === undefined) return [infer];
  const startLayer = layerAfter(enteredAfter(request));
  return [infer, encodeTensorFrame({ requestId, startLayer, dtype, state: input.state })];
}
