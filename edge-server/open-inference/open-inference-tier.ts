import { randomUUID } from 'node:crypto';
import { abortable } from '../../core/abortable';
import { DimeeError, errorData, hasCode, messageOf } from '../../core/errors';
import { askerOf, enteredAfter, type InferRequest, type InferResult, type Tier } from '../../core/ladder/tier';
import type { Log } from '../../core/log';
import type { LayerRuntime } from '../../core/model/layer-runtime';
import type { Manifest } from '../../core/model/manifest';
import { knownTokens } from '../../core/model/reading';
import type { StateCoder } from '../../core/payload/state-coder';
import type { StateCodecs } from '../../core/payload/state-codecs';
import { LIMITS } from '../../core/protocol/limits';
import { type LinkStatus, USUAL_PATIENCE_MS } from '../../core/protocol/link';
import type { EngineAddress } from './address';
import { AnsweredBy } from './answered-by';
import { Breaker, type BreakerState, type Pass } from './breaker';
import { CallFailure, errorOf } from './call-failure';
import type { Answer, Written } from './channel';
import { Engine } from './engine';
import { HealthWatch, type Rhythm, USUAL_RHYTHM } from './health-watch';
import type { ModelInferResponse } from './messages';
import { type Carried, inferMessage, lengthOf } from './request';
import { resultOf } from './response';
import { UnderWay } from './under-way';

export interface OpenInferenceOptions {
  readonly url: string;
  readonly address: EngineAddress;
  readonly manifest: Manifest;
  readonly variant: string;
  readonly token?: string | undefined;
  readonly codecs: Pick<StateCodecs, 'dtypeAfter'>;
  readonly coder: StateCoder;
  /** Samples that cross whole are made tokens here. */
  readonly runtime: Pick<LayerRuntime, 'tokenize'>;
  /** The key under which the engine is to have a client's samples take turns with others'. */
  readonly keyOf: (client: object) => string;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
  readonly onStatus: (status: LinkStatus) => void;
  readonly log: Log;
  readonly rhythm?: Rhythm;
  /** Milliseconds without any answer, while samples are under way, after which the engine hangs. */
  readonly silentMs?: number;
}

/** What is known of the way to an engine. */
export interface EngineStatus {
  readonly breaker: BreakerState;
  readonly opened: number;
  /** Samples that the engine has. */
  readonly underWay: number;
  /** Samples sent a second time. */
  readonly retried: number;
  /** Policies that the engine has refused as unknown to it. */
  readonly cannotRun: readonly string[];
  /** Samples answered, by the replica that the engine names, where it names any. */
  readonly replicas: Readonly<Record<string, number>>;
}

const USUAL_SILENT_MS = 5000;

/**
 * The way to an engine that speaks the Open Inference Protocol over gRPC (`docs/open-inference.md`). `ModelInfer` is a pure
 * function of its message, so asking twice can double nothing: a sample whose call fails as UNAVAILABLE is sent once more.
 * While the engine is away, or hangs, samples fail at once with `TIER_UNAVAILABLE`, those under way too, so that they are
 * taken on elsewhere.
 */
export class OpenInferenceTier implements Tier {
  readonly #engine: Engine;
  readonly #breaker: Breaker;
  readonly #health: HealthWatch;
  readonly #underWay: UnderWay;
  /** Settles once it is first known how the engine is. */
  readonly #known: Promise<void>;
  #knows: () => void = () => undefined;
  #reason = 'no answer yet';
  /** Why it will not serve us at all. */
  #refusal: DimeeError | undefined;
  #retried = 0;
  #isClosed = false;
  readonly #cannotRun = new Set<string>();
  readonly #answeredBy = new AnsweredBy();

  constructor(private readonly options: OpenInferenceOptions) {
    const { now, rhythm = USUAL_RHYTHM, silentMs = USUAL_SILENT_MS } = options;
    this.#known = new Promise((resolve) => (this.#knows = resolve));
    this.#engine = new Engine(options);
    this.#breaker = new Breaker((state) => this.#turned(state));
    this.#underWay = new UnderWay(silentMs, now, () => this.#away(`no sample was answered for ${silentMs} ms`));
    options.onStatus({ state: 'connecting' });
    const listener = { well: (ms: number) => this.#well(ms), ill: (error: unknown) => this.#ill(error, probedAt) };
    let probedAt = now();
    const check = () => {
      probedAt = now();
      return this.#engine.check(USUAL_PATIENCE_MS);
    };
    this.#health = new HealthWatch(check, listener, now, rhythm);
  }

  /** Whether samples are let through to an engine. */
  get isOpen(): boolean {
    return this.#breaker.state === 'closed' && !this.#refusal;
  }

  get status(): EngineStatus {
    const { state: breaker, opened } = this.#breaker;
    const { counts: replicas } = this.#answeredBy;
    const counts = { opened, underWay: this.#underWay.size, retried: this.#retried };
    return { breaker, ...counts, cannotRun: [...this.#cannotRun], replicas };
  }

  async infer(request: InferRequest, signal: AbortSignal): Promise<InferResult> {
    signal.throwIfAborted();
    if (request.input.kind === 'held') {
      const problem = 'An engine keeps no hidden states between calls. Send the sample again.';
      throw new DimeeError('STATE_NOT_HELD', problem);
    }
    const askedAt = this.options.now();
    await abortable(this.#known, signal);
    if (this.#refusal) throw this.#refusal;
    if (this.#cannotRun.has(request.policy.id)) throw this.#cannot(request.policy.id);
    const pass = this.#breaker.enter();
    if (!pass) throw this.#unavailable();
    try {
      return await this.#take(request, pass, askedAt, signal);
    } finally {
      this.#breaker.left(pass);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#health.close();
    this.#reason = 'it was closed';
    this.#breaker.open();
    void this.#engine.close();
  }

  async #take(request: InferRequest, pass: Pass, askedAt: number, signal: AbortSignal): Promise<InferResult> {
    const { now, manifest } = this.options;
    const deadlineAt = askedAt + Math.min(request.deadlineMs, LIMITS.maxDeadlineMs);
    const startedAt = now();
    const carried = await this.#carry(request, signal);
    const id = randomUUID();
    const written = await this.#engine.write(inferMessage(request, carried, this.options, id));
    const encodeMs = now() - startedAt;
    const { answer, sentAt } = await this.#ask(written, request, pass, deadlineAt, signal);
    const roundTripMs = now() - sentAt;
    const { steps, queueMs } = this.#read(answer.message, request, pass, id, manifest);
    const crossing = {
      ...({ from: 'edge', to: 'cloud', afterLayer: enteredAfter(request) } as const),
      ...{ bytesUp: written.bytes, bytesDown: answer.bytes, roundTripMs },
      ...{ waitMs: startedAt - askedAt, encodeMs, decodeMs: answer.decodeMs },
    };
    const totalMs = steps.reduce((sum, { computeMs }) => sum + computeMs, queueMs);
    const stays = [{ tier: 'cloud', totalMs, queueMs } as const];
    return { tokens: lengthOf(carried), steps, crossings: [crossing], queueMs, stays };
  }

  /** The hidden state as it would be read from the wire, so that an answer does not depend on which way it takes. */
  async #carry(request: InferRequest, signal: AbortSignal): Promise<Carried> {
    const { codecs, coder, runtime, now } = this.options;
    const { input, payloadDtype } = request;
    const asker = askerOf(request, signal, now());
    if (input.kind === 'text') {
      const tokenizer = { tokenize: (texts: typeof input.texts) => runtime.tokenize(texts, asker) };
      return { kind: 'tokens', tokens: await knownTokens(tokenizer, input.texts) };
    }
    if (input.kind === 'held') throw new DimeeError('INTERNAL', 'A state that is held elsewhere cannot be sent.');
    const { tokens, hidden } = input.state;
    const dtype = await codecs.dtypeAfter(enteredAfter(request), payloadDtype);
    const payload = await coder.write(input.state, dtype, asker);
    if (dtype === 'float16') return { kind: 'float16', payload, tokens, hidden };
    return { kind: 'hiddenState', state: await coder.read({ payload, dtype, tokens, hidden }, asker) };
  }

  async #ask(written: Written, request: InferRequest, pass: Pass, deadlineAt: number, signal: AbortSignal) {
    for (let isAgain = false; ; isAgain = true) {
      const sentAt = this.options.now();
      try {
        const answer = await this.#send(written, request, deadlineAt, signal);
        return { answer, sentAt };
      } catch (error) {
        if (!(error instanceof CallFailure)) throw error;
        const isWorthAnother = !isAgain && error.status === 'UNAVAILABLE' && this.#breaker.state !== 'open';
        if (!isWorthAnother) throw this.#failed(error, request, pass);
        this.#retried++;
      }
    }
  }

  #send(
    written: Written,
    { origin, traceparent }: InferRequest,
    deadlineAt: number,
    signal: AbortSignal,
  ): Promise<Answer<ModelInferResponse>> {
    const { keyOf, now } = this.options;
    const metadata = { traceparent, 'dimee-on-behalf-of': origin && keyOf(origin.client) };
    const deadlineMs = Math.max(deadlineAt - now(), 0);
    const call = (aborted: AbortSignal) => this.#engine.infer(written, { metadata, deadlineMs, signal: aborted });
    return this.#underWay.run(call, signal);
  }

  #read(response: ModelInferResponse, request: InferRequest, pass: Pass, id: string, manifest: Manifest) {
    try {
      const result = resultOf(response, request, manifest, id);
      this.#breaker.answered(pass);
      const replica = response.parameters['replica']?.string_param;
      if (replica !== undefined) this.#answeredBy.count(replica);
      return result;
    } catch (error) {
      this.#breaker.failed(pass);
      this.options.log('warn', messageOf(error));
      throw error;
    }
  }

  /** What a sample is told whose call failed, and what that says of the engine. */
  #failed(failure: CallFailure, { policy }: InferRequest, pass: Pass): DimeeError {
    const error = errorOf(failure, this.options.url, this.#underWay.lastTookMs);
    if (failure.status === 'UNIMPLEMENTED') {
      this.#breaker.answered(pass);
      if (!this.#cannotRun.has(policy.id)) this.options.log('warn', this.#cannot(policy.id, failure.details).message);
      this.#cannotRun.add(policy.id);
      return this.#cannot(policy.id);
    }
    // Late is a sample whose time was short, or one of an engine that hangs, which shows by its silence.
    if (error.code === 'TIER_UNAVAILABLE') {
      this.#reason = failure.message;
      this.#breaker.failed(pass);
    } else if (error.code === 'MODEL_MISMATCH') this.#health.worry();
    else if (error.code !== 'DEADLINE_EXCEEDED') this.#breaker.answered(pass);
    return error;
  }

  #well(roundTripMs: number): void {
    this.#refusal = undefined;
    this.#breaker.halfOpen();
    this.options.onStatus({ state: 'open', tier: 'cloud', roundTripMs });
    this.#knows();
  }

  #ill(error: unknown, askedAt: number): void {
    // It may be too busy to say how it is, and is well as long as it answers.
    if (hasCode(error, 'TIER_UNAVAILABLE') && this.#underWay.lastAnswerAt > askedAt && this.isOpen) return;
    if (error instanceof DimeeError && error.code !== 'TIER_UNAVAILABLE') this.#refusal = error;
    this.#away(errorData(error).message);
    this.#knows();
  }

  #away(reason: string): void {
    this.#reason = reason;
    this.#breaker.open();
    const wantsToken = this.#refusal?.code === 'UNAUTHORIZED' && { wantsToken: true as const };
    this.options.onStatus({ state: 'down', reason, ...wantsToken });
  }

  #turned(state: BreakerState): void {
    const { url, log } = this.options;
    if (state === 'closed') {
      this.#health.trust();
      log('info', `The cloud tier at ${url} answers again.`);
    }
    if (state !== 'open') return;
    // Another one may be there when it is back.
    this.#cannotRun.clear();
    this.#underWay.abortAll(this.#unavailable());
    if (this.#isClosed) return;
    log('warn', `The cloud tier at ${url} is away, and the edge runs its layers: ${this.#reason}`);
    this.#health.worry();
  }

  #unavailable(): DimeeError {
    const problem = `The cloud tier at ${this.options.url} does not answer: ${this.#reason}`;
    return this.#refusal ?? new DimeeError('TIER_UNAVAILABLE', problem, { retryable: true });
  }

  #cannot(policy: string, details = 'as it has said'): DimeeError {
    const problem = `The cloud tier at ${this.options.url} cannot run the policy “${policy}” (${details}); the edge does.`;
    return new DimeeError('TIER_UNAVAILABLE', problem);
  }
}
