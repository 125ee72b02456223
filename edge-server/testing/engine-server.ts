import { randomUUID } from 'node:crypto';
import { Metadata, Server, ServerCredentials, type ServerUnaryCall, status } from '@grpc/grpc-js';
import { DimeeError } from '../../core/errors';
import { HeldStates } from '../../core/ladder/held-states';
import { LadderTier } from '../../core/ladder/ladder-tier';
import type { InferResult, SampleInput } from '../../core/ladder/tier';
import { toLayer, type Plan } from '../../core/layers';
import type { LayerRuntime } from '../../core/model/layer-runtime';
import { type Manifest, taskOf } from '../../core/model/manifest';
import { decodeHiddenState } from '../../core/payload/payload';
import { atOnce } from '../../core/testing/fake-ladder';
import type { Calls, ModelInferRequest, ModelInferResponse } from '../open-inference/messages';
import { loadService } from '../open-inference/service';
import { apart, float32sOf, float32Tensor, tensorIn } from '../open-inference/tensors';

/** How an engine misbehaves, by what it does with a sample that it would answer. */
export interface Behaviour {
  /** Rejects in place of the answer. */
  before?: (call: { readonly id: string; readonly cancelled: () => boolean }) => unknown;
  after?: (response: ModelInferResponse) => ModelInferResponse;
  /** Of the model that it says that it serves. */
  hash?: string;
  token?: string;
}

/** A failure with a gRPC status. */
export class Failure extends Error {
  constructor(
    readonly code: status,
    details: string,
    readonly trailers = new Metadata(),
  ) {
    super(details);
  }
}

const STATUS: Partial<Record<string, status>> = {
  BAD_INPUT: status.INVALID_ARGUMENT,
  OVERLOADED: status.RESOURCE_EXHAUSTED,
  DEADLINE_EXCEEDED: status.DEADLINE_EXCEEDED,
};

/** A small engine that speaks the Open Inference Protocol, over the layers of any runtime and the ladder itself. */
export class EngineServer {
  /** Samples that it was sent, by id, those answered, and those whose client went. */
  readonly asked: string[] = [];
  readonly answered: string[] = [];
  readonly cancelled: string[] = [];
  readonly metadata: Metadata[] = [];
  readonly #tier: LadderTier;
  #server: Server | undefined;
  port = 0;

  constructor(
    private readonly manifest: Manifest,
    private readonly runtime: LayerRuntime,
    readonly behaviour: Behaviour = {},
  ) {
    const heldStates = new HeldStates(0);
    this.#tier = new LadderTier({
      name: 'cloud',
      manifest,
      runtime,
      heldStates,
      schedule: atOnce,
      now: () => performance.now(),
    });
  }

  get url(): string {
    return `grpc://127.0.0.1:${this.port}`;
  }

  /** Listens, after the first time on the same port. */
  async start(): Promise<this> {
    const server = new Server();
    this.#server = server;
    server.addService(loadService(), {
      ServerLive: this.#unary<'ServerLive'>(() => ({ live: true })),
      ServerReady: this.#unary<'ServerReady'>(() => ({ ready: true })),
      ModelReady: this.#unary<'ModelReady'>(() => ({ ready: true })),
      ServerMetadata: this.#unary<'ServerMetadata'>(() => ({ name: 'test', version: '1', extensions: [] })),
      ModelMetadata: this.#unary<'ModelMetadata'>(() => ({
        ...{ name: this.manifest.id, versions: [this.behaviour.hash ?? this.manifest.hash] },
        ...{ platform: 'test', inputs: [], outputs: [], properties: {} },
      })),
      ModelInfer: this.#unary<'ModelInfer'>((request, call) => this.#infer(request, call)),
    });
    this.port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${this.port}`, ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
    return this;
  }

  /** As if its process were killed: all that is under way ends without an answer. */
  kill(): void {
    this.#server?.forceShutdown();
  }

  #unary<Name extends keyof Calls>(
    answer: (
      request: Calls[Name]['request'],
      call: ServerUnaryCall<Calls[Name]['request'], Calls[Name]['response']>,
    ) => Calls[Name]['response'] | Promise<Calls[Name]['response']>,
  ) {
    return (
      call: ServerUnaryCall<Calls[Name]['request'], Calls[Name]['response']>,
      callback: (error: object | null, response?: Calls[Name]['response']) => void,
    ) => {
      const { token } = this.behaviour;
      const run = async () => {
        if (token !== undefined && call.metadata.get('authorization')[0] !== `Bearer ${token}`) {
          throw new Failure(status.UNAUTHENTICATED, 'the token is not ours');
        }
        return answer(call.request, call);
      };
      run().then(
        (response) => callback(null, response),
        (error: unknown) => callback(failureOf(error)),
      );
    };
  }

  async #infer(
    message: ModelInferRequest,
    call: ServerUnaryCall<ModelInferRequest, ModelInferResponse>,
  ): Promise<ModelInferResponse> {
    this.asked.push(message.id);
    this.metadata.push(call.metadata);
    const gone = new AbortController();
    call.on('cancelled', () => {
      this.cancelled.push(message.id);
      gone.abort();
    });
    await this.behaviour.before?.({ id: message.id, cancelled: () => gone.signal.aborted });
    const { task, text, number } = readerOf(message);
    const priorLogits = this.#priorLogits(message, task('task'));
    const result = await this.#tier.infer(
      {
        ...{ sampleKey: randomUUID(), task: task('task'), priorLogits },
        policy: { id: text('policy'), parameters: JSON.parse(text('policy_parameters')) as Record<string, number> },
        plan: JSON.parse(text('plan')) as Plan,
        rowSeed: number('row_seed'),
        ...{ payloadDtype: 'float32', deadlineMs: 60_000, input: await this.#input(message) },
      },
      gone.signal,
    );
    this.answered.push(message.id);
    const response = responseOf(message, result);
    return this.behaviour.after?.(response) ?? response;
  }

  #priorLogits(message: ModelInferRequest, task: string): number[][] {
    if (!message.inputs.some(({ name }) => name === 'prior_logits')) return [];
    const classes = taskOf(this.manifest, task).labels.length;
    const shape = [[1, this.manifest.layers] as const, classes];
    const { contents } = this.#tensor(message, 'prior_logits', 'FP32', shape);
    const all = [...float32sOf(contents)];
    return Array.from({ length: all.length / classes }, (_, row) => all.slice(row * classes, (row + 1) * classes));
  }

  async #input(message: ModelInferRequest): Promise<SampleInput> {
    const { hidden, maxTokens } = this.manifest;
    const length = [1, maxTokens] as const;
    const idsOf = (name: string) => {
      const { contents } = this.#tensor(message, name, 'INT64', [1, length]);
      return Int32Array.from(new BigInt64Array(new Uint8Array(contents).buffer), Number);
    };
    if (message.inputs.some(({ name }) => name === 'input_ids')) {
      const ids = { inputIds: idsOf('input_ids'), tokenTypeIds: idsOf('token_type_ids') };
      const state = await this.runtime.embed({ ...ids, readings: [] });
      return { kind: 'hiddenState', state };
    }
    const head = message.inputs.find(({ name }) => name === 'hidden_state');
    const datatype = head?.datatype === 'FP16' ? 'FP16' : 'FP32';
    const { contents, shape } = this.#tensor(message, 'hidden_state', datatype, [1, length, hidden]);
    const tokens = shape[1] ?? 0;
    const payload = new Uint8Array(contents);
    const dtype = datatype === 'FP16' ? 'float16' : 'float32';
    return { kind: 'hiddenState', state: decodeHiddenState(payload, dtype, tokens, hidden) };
  }

  #tensor(message: ModelInferRequest, ...[name, datatype, shape]: TensorAsked) {
    const { inputs, raw_input_contents: contents } = message;
    const refuse = (problem: string) => new Failure(status.INVALID_ARGUMENT, `Input ${problem}`);
    return tensorIn(inputs, contents, { name, datatype, shape }, refuse);
  }
}

type Expected = Parameters<typeof tensorIn>[2];
type TensorAsked = [Expected['name'], Expected['datatype'], Expected['shape']];

function readerOf({ parameters }: ModelInferRequest) {
  const text = (name: string) => parameters[name]?.string_param ?? '';
  const number = (name: string) => parameters[name]?.int64_param;
  return { task: text, text, number };
}

function responseOf(
  { id, model_name, model_version }: ModelInferRequest,
  { steps, queueMs }: InferResult,
): ModelInferResponse {
  const classes = steps[0]?.logits.length ?? 0;
  const saturations = steps.flatMap(({ saturation }) => saturation ?? []);
  const { heads: outputs, contents: raw_output_contents } = apart([
    float32Tensor(
      'logits',
      [steps.length, classes],
      steps.flatMap(({ logits }) => [...logits]),
    ),
    float32Tensor(
      'compute_ms',
      [steps.length],
      steps.map(({ computeMs }) => computeMs),
    ),
    float32Tensor('queue_ms', [1], [queueMs]),
    ...(saturations.length > 0 ? [float32Tensor('saturation', [steps.length], saturations)] : []),
  ]);
  const exit = steps.at(-1)?.layer ?? toLayer(0);
  const parameters = { exit_layer: { int64_param: exit }, replica: { string_param: 'test' } };
  return { id, model_name, model_version, parameters, outputs, raw_output_contents };
}

function failureOf(error: unknown): object {
  if (error instanceof Failure) return { code: error.code, details: error.message, metadata: error.trailers };
  const code = error instanceof DimeeError ? STATUS[error.code] : undefined;
  return { code: code ?? status.INTERNAL, details: error instanceof Error ? error.message : 'unknown' };
}
