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
import { readBody } from './download';
import { holdWorkers } from './hold-workers';
import { inTime } from './in-time';
import { takeOwnScriptsAlone } from './own-scripts';

takeOwnScriptsAlone(globalThis);
holdWorkers(globalThis);

/** The runtime is built twice: without WebGPU it is 2.7 MB to fetch, with it 4.7 MB. Only the one used is fetched. */
const BUILDS = {
  wasm: { load: () => import('onnxruntime-web/wasm'), module: cpuModuleUrl, binary: cpuBinaryUrl, bytes: 2_700_000 },
  webgpu: {
    load: () => import('onnxruntime-web/webgpu'),
    module: gpuModuleUrl,
    binary: gpuBinaryUrl,
    bytes: 4_700_000,
  },
};

/**
 * Threads that spin on after a run take the core from the next one. Two threads on two cores, a q8 layer of 16 tokens:
 * 6 ms while they spin, 1.9 ms where they never do, 1.0 ms where they stop with the run; one thread takes 1.7 ms.
 */
const CALM_THREADS = { session: { force_spinning_stop: '1' } };

/** The smallest graph there is, y = x. Opening it starts the runtime while the model's files are still on their way. */
const IDENTITY = 'CAg6KwoQCgF4EgF5IghJZGVudGl0eRIBZ1oJCgF4EgQKAggBYgkKAXkSBAoCCAFCBAoAEA0=';

/**
 * Milliseconds from the runtime's bytes to its first session, compiling included, after which it is given up. On two cores
 * it takes half a second, on a phone a few.
 */
const START_MS = 30_000;

/** Hears of the runtime's bytes as they crossed the network, or were in the browser's HTTP cache. */
export type OnDownload = (bytes: number, isCached: boolean) => void;

const started = new Map<Backend, Promise<Onnx>>();

/** The only door to the ONNX runtime. */
export class Onnx {
  /** The WebGPU build cannot suspend two calls at once, and a session refuses a second one (“Session already started”). */
  readonly #turns = new Queue({ lanes: 1, now: () => performance.now() });
  /** Rejects once the GPU device that the sessions run on is lost. */
  #deviceLost: Promise<never> | undefined;

  private constructor(private readonly ort: typeof Ort) {}

  /** Threads that the runtime runs on. It takes one where the browser gives it no shared memory. */
  get threads(): number {
    return this.ort.env.wasm.numThreads ?? 1;
  }

  /**
   * The runtime of a backend. There is only one, and it is fetched and reported once.
   * @throws DimeeError `MODEL_UNAVAILABLE` where it cannot start; the next call tries again. `RUNTIME_LOST` where it never
   *   ends starting: only another worker can try again.
   */
  static start(backend: Backend, threads: number, onDownload: OnDownload): Promise<Onnx> {
    const onnx = started.get(backend) ?? Onnx.#start(backend, threads, onDownload).catch(failure('start'));
    started.set(backend, onnx);
    onnx.catch(() => started.delete(backend));
    return onnx;
  }

  /** Bytes of a backend's runtime that this browser has to fetch: 0 where it has them. */
  static async missingBytes(backend: Backend): Promise<number> {
    const url = new URL(BUILDS[backend].binary, import.meta.url).href;
    // Answered from the browser's cache or, where the runtime is not in it, not at all.
    const cached = await fetch(url, { cache: 'only-if-cached', mode: 'same-origin' }).catch(() => undefined);
    await cached?.body?.cancel();
    return cached?.ok === true ? 0 : BUILDS[backend].bytes;
  }

  /**
   * Its bytes are read to the end first, under the watch of all downloads. The runtime then fetches itself, from the
   * browser's cache, since the browser keeps the machine code of what it has fetched and compiled in one: bytes of our own
   * would lose that (0.2 s at every visit).
   */
  static async #start(backend: Backend, threads: number, onDownload: OnDownload): Promise<Onnx> {
    const { load, module, binary } = BUILDS[backend];
    if (typeof WebAssembly === 'undefined') throw new Error('This browser has no WebAssembly, or has it switched off.');
    const binaryUrl = new URL(binary, import.meta.url).href;
    const [ort] = await Promise.all([load(), fetchWhole(binaryUrl).catch(lackOf(backend, binaryUrl))]);
    ort.env.logLevel = 'error';
    ort.env.wasm.numThreads = threads;
    // Without the module's address its threads would start this worker's own script again.
    ort.env.wasm.wasmPaths = { mjs: new URL(module, import.meta.url).href, wasm: binaryUrl };
    const words = `with ${threads} ${threads === 1 ? 'thread' : 'threads'} within ${START_MS / 1000} s`;
    await inTime(openIdentity(ort), START_MS, () => lost(`The ONNX runtime did not start ${words}.`));
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
    if (provider === 'webgpu') this.#deviceLost ??= deviceLost(await this.ort.env.webgpu.device);
    return {
      run: (inputs, tokens) => this.#turns.run(() => this.#run(session, inputs, tokens)),
      release: () => this.#turns.run(() => session.release()),
    };
  }

  async #run(session: Ort.InferenceSession, inputs: Inputs, tokens: number): ReturnType<Session['run']> {
    const feeds = Object.entries(inputs).map(([name, data]) => [name, this.#tensor(data, dimsOf(data, tokens))]);
    const startedAt = performance.now();
    const running = session.run(Object.fromEntries(feeds) as Ort.InferenceSession.FeedsType).catch(died);
    const results = await (this.#deviceLost ? Promise.race([running, this.#deviceLost]) : running);
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

async function openIdentity(ort: typeof Ort): Promise<void> {
  const options = { executionProviders: ['wasm'] };
  await (await ort.InferenceSession.create(base64ToUint8Array(IDENTITY), options)).release();
}

/** Has a file in the browser's cache. What is damaged there is fetched past it. */
async function fetchWhole(url: string): Promise<void> {
  const options = { fetch: globalThis.fetch, signal: new AbortController().signal, onBytes: () => undefined };
  await readBody(url, { ...options, cache: 'default' })
    .catch(() => readBody(url, { ...options, cache: 'reload' }))
    .catch((cause: unknown) => {
      const message = `The ONNX runtime could not be fetched. Is the server still there? ${messageOf(cause)}`;
      throw new DimeeError('MODEL_UNAVAILABLE', message, { retryable: true, cause });
    });
}

/** Some hosts take small files alone: WASM's runtime, which is half as large, may be there, for another worker to try. */
function lackOf(backend: Backend, url: string): (cause: unknown) => Promise<never> {
  return async (cause) => {
    const answer = backend === 'webgpu' ? await fetch(url, { method: 'HEAD' }).catch(() => undefined) : undefined;
    throw answer?.status === 404
      ? new DimeeError('RUNTIME_LOST', 'This server has no runtime for WebGPU.', { cause })
      : cause;
  };
}

function deviceLost({ lost: whenLost }: GPUDevice): Promise<never> {
  const isLost = whenLost.then(({ message }) => {
    throw lost(`The GPU was lost${message ? ` (${message.replace(/\.$/, '')})` : ''}.`);
  });
  isLost.catch(() => undefined);
  return isLost;
}

/** A graph that has been opened runs: where it throws, it is the runtime that is no more. */
function died(cause: unknown): never {
  throw lost(`The ONNX runtime stopped: ${messageOf(cause).replace(/\.$/, '')}.`);
}

function lost(message: string): DimeeError {
  return new DimeeError('RUNTIME_LOST', message, { retryable: true });
}

function failure(what: string): (cause: unknown) => never {
  return (cause) => {
    if (cause instanceof DimeeError) throw cause;
    const problem = messageOf(cause);
    throw new DimeeError('MODEL_UNAVAILABLE', `The ONNX runtime could not ${what}: ${problem}`, { cause });
  };
}
