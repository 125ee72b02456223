import type * as Ort from 'onnxruntime-web';
import gpuModuleUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import gpuBinaryUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import cpuModuleUrl from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import cpuBinaryUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { base64ToUint8Array } from 'uint8array-extras';
import { DimeeError, messageOf } from '../core/errors';
import { Queue } from '../core/ladder/queue';
import { dimsOf, floatsOf, type Inputs, type Session } from '../core/model/onnx-layers';
import type { Backend } from '../core/protocol/page-messages';

/** The runtime is built twice: without WebGPU it is 2.7 MB to fetch, with it 4.7 MB. Only the one used is fetched. */
const BUILDS = {
  wasm: { load: () => import('onnxruntime-web/wasm'), module: cpuModuleUrl, binary: cpuBinaryUrl },
  webgpu: { load: () => import('onnxruntime-web/webgpu'), module: gpuModuleUrl, binary: gpuBinaryUrl },
};

/**
 * Threads that spin on after a run take the core from the next one. Two threads on two cores, a q8 layer of 16 tokens:
 * 6 ms while they spin, 1.9 ms where they never do, 1.0 ms where they stop with the run; one thread takes 1.7 ms.
 */
const CALM_THREADS = { session: { force_spinning_stop: '1' } };

/** The smallest graph there is, y = x. Opening it starts the runtime while the model's files are still on their way. */
const IDENTITY = 'CAg6KwoQCgF4EgF5IghJZGVudGl0eRIBZ1oJCgF4EgQKAggBYgkKAXkSBAoCCAFCBAoAEA0=';

/** Hears of the runtime's bytes as they crossed the network, or were in the browser's HTTP cache. */
export type OnDownload = (bytes: number, isCached: boolean) => void;

const started = new Map<Backend, Promise<Onnx>>();

/** The only door to the ONNX runtime. */
export class Onnx {
  /** The WebGPU build cannot suspend two calls at once, and a session refuses a second one (“Session already started”). */
  readonly #turns = new Queue({ lanes: 1, now: () => performance.now() });

  private constructor(private readonly ort: typeof Ort) {}

  /**
   * The runtime of a backend. There is only one, and it is fetched and reported once.
   * @throws DimeeError `MODEL_UNAVAILABLE` where it cannot start; the next call tries again.
   */
  static start(backend: Backend, threads: number, onDownload: OnDownload): Promise<Onnx> {
    const onnx = started.get(backend) ?? Onnx.#start(backend, threads, onDownload).catch(failure('start'));
    started.set(backend, onnx);
    onnx.catch(() => started.delete(backend));
    return onnx;
  }

  /**
   * The runtime fetches itself: it then compiles while it downloads, and the browser keeps the machine code. Handing it
   * bytes of our own would lose both (0.2 s at every visit).
   */
  static async #start(backend: Backend, threads: number, onDownload: OnDownload): Promise<Onnx> {
    const { load, module, binary } = BUILDS[backend];
    const ort = await load();
    const binaryUrl = new URL(binary, import.meta.url).href;
    ort.env.logLevel = 'error';
    ort.env.wasm.numThreads = threads;
    // Without the module's address its threads would start this worker's own script again.
    ort.env.wasm.wasmPaths = { mjs: new URL(module, import.meta.url).href, wasm: binaryUrl };
    const identity = base64ToUint8Array(IDENTITY);
    await (await ort.InferenceSession.create(identity, { executionProviders: ['wasm'] })).release();
    const [entry] = performance.getEntriesByName(binaryUrl) as PerformanceResourceTiming[];
    if (entry) onDownload(entry.encodedBodySize, entry.transferSize === 0);
    return new Onnx(ort);
  }

  /** @throws DimeeError `MODEL_UNAVAILABLE` where the runtime cannot read the file. */
  async createSession(model: Uint8Array, provider: Backend): Promise<Session> {
    const options = { executionProviders: [provider], logSeverityLevel: 3 as const, extra: CALM_THREADS };
    const session = await this.#turns
      .run(() => this.ort.InferenceSession.create(model, options))
      .catch(failure('read a file of the model'));
    return {
      run: (inputs, tokens) => this.#turns.run(() => this.#run(session, inputs, tokens)),
      release: () => this.#turns.run(() => session.release()),
    };
  }

  async #run(session: Ort.InferenceSession, inputs: Inputs, tokens: number): ReturnType<Session['run']> {
    const feeds = Object.entries(inputs).map(([name, data]) => [name, this.#tensor(data, dimsOf(data, tokens))]);
    const startedAt = performance.now();
    const results = await session.run(Object.fromEntries(feeds) as Ort.InferenceSession.FeedsType);
    const computeMs = performance.now() - startedAt;
    const outputs = Object.entries<Ort.Tensor>(results).map(
      ([name, output]) => [name, floatsOf(name, output)] as const,
    );
    return { outputs: Object.fromEntries<Float32Array>(outputs), computeMs };
  }

  #tensor(data: Inputs[string], dims: readonly number[]) {
    const { Tensor } = this.ort;
    return data instanceof Int32Array ? new Tensor('int32', data, dims) : new Tensor('float32', data, dims);
  }
}

function failure(what: string): (cause: unknown) => never {
  return (cause) => {
    const problem = messageOf(cause);
    throw new DimeeError('MODEL_UNAVAILABLE', `The ONNX runtime could not ${what}: ${problem}`, { cause });
  };
}
