import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type * as native from 'onnxruntime-node';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { DimeeError, messageOf } from '../core/errors';
import { dimsOf, floatsOf, type Inputs, type Session } from '../core/model/onnx-layers';

const require = createRequire(import.meta.url);

export const RUNTIME_CHOICES = ['auto', 'native', 'wasm'] as const;
/** `auto` takes the native runtime where there is one for this machine. */
export type RuntimeChoice = (typeof RUNTIME_CHOICES)[number];

type OnnxRuntime = Pick<typeof native, 'InferenceSession' | 'Tensor'>;

/** A graph that takes rows of the same length, one behind the other in each input. */
export interface BatchSession extends Session {
  /**
   * @param into where outputs are written in the place of memory of their own, if the runtime can. Each has the shape of
   *   the input of float32 numbers, and may not be an input.
   */
  run(inputs: Inputs, tokens: number, rows?: number, into?: Outputs): ReturnType<Session['run']>;
}

type Outputs = Readonly<Record<string, Float32Array>>;

/** An ONNX runtime that is loaded: the only door to it here. */
export class Onnx {
  private constructor(
    readonly name: 'native' | 'wasm',
    /** Why it is not the native one, where that was wanted. */
    readonly fallback: string | undefined,
    private readonly runtime: OnnxRuntime,
    private readonly options: InferenceSession.SessionOptions,
  ) {}

  /**
   * There is no native runtime for some machines (Intel Macs, Alpine and other Linux without glibc): there the WASM one
   * computes, as in a browser.
   * @param threads within a layer.
   * @throws DimeeError `MODEL_UNAVAILABLE` where `choice` cannot be loaded.
   */
  static async load(choice: RuntimeChoice, threads: number): Promise<Onnx> {
    if (choice === 'wasm') return Onnx.#wasm(threads, undefined);
    try {
      return new Onnx('native', undefined, await import('onnxruntime-node'), nativeOptions(threads));
    } catch (cause) {
      const problem = `There is no native ONNX runtime for this machine (${messageOf(cause).split('\n', 1)[0]})`;
      if (choice === 'auto') return Onnx.#wasm(threads, `${problem}: its WASM build takes its place, which is slower.`);
      throw new DimeeError('MODEL_UNAVAILABLE', `${problem}. Try --runtime wasm.`, { cause });
    }
  }

  static async #wasm(threads: number, fallback: string | undefined): Promise<Onnx> {
    const runtime = await import('onnxruntime-web');
    runtime.env.wasm.numThreads = threads;
    // Named before transformers.js, where it is given this runtime, names its own place, which is on the network.
    runtime.env.wasm.wasmPaths = String(new URL('.', pathToFileURL(require.resolve('onnxruntime-web'))));
    if (fallback !== undefined) standInForNative(runtime);
    return new Onnx('wasm', fallback, runtime, { executionProviders: ['wasm'] });
  }

  /**
   * One ONNX graph. Opening takes about 25 ms for a layer, on the JavaScript thread, where it runs, too.
   * @param graph the model file; copied.
   * @throws DimeeError `MODEL_UNAVAILABLE` where the runtime cannot read it.
   */
  async openSession(graph: Uint8Array): Promise<BatchSession> {
    try {
      const session = await this.runtime.InferenceSession.create(graph, this.options);
      return {
        run: (inputs, tokens, rows, into) => this.#run(session, inputs, { tokens, rows, into }),
        release: () => session.release(),
      };
    } catch (cause) {
      throw new DimeeError('MODEL_UNAVAILABLE', 'The ONNX runtime cannot read a file of the model.', { cause });
    }
  }

  async #run(
    session: InferenceSession,
    inputs: Inputs,
    { tokens, rows = 1, into = {} }: { tokens: number; rows?: number | undefined; into?: Outputs | undefined },
  ): ReturnType<Session['run']> {
    const tensors = (named: Inputs): Record<string, Tensor> =>
      Object.fromEntries(
        Object.entries(named).map(([name, data]) => [name, this.#tensorOf(data, dimsOf(data, tokens, rows))]),
      );
    // Whatever is not written into what is there gets memory of its own.
    const fetches = Object.fromEntries(session.outputNames.map((name) => [name, null]));
    const feeds = tensors(inputs);
    // The WASM build takes such an output for an input, and leaves in it what was there.
    const written = this.name === 'native' ? tensors(into) : {};
    const startedAt = performance.now();
    const results = await session.run(feeds, { ...fetches, ...written });
    const computeMs = performance.now() - startedAt;
    const outputs = Object.entries(results).map(([name, output]) => [name, floatsOf(name, output)] as const);
    return { outputs: Object.fromEntries(outputs), computeMs };
  }

  #tensorOf(data: Inputs[string], dims: readonly number[]): Tensor {
    const { Tensor } = this.runtime;
    return data instanceof Int32Array ? new Tensor('int32', data, dims) : new Tensor('float32', data, dims);
  }
}

function nativeOptions(threads: number): InferenceSession.SessionOptions {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Every layer is a session with a pool of its own. Pools that spin while they wait take the cores from each other:
    // with two threads on 2 cores, 12 layers of 32 tokens then take 230 ms instead of 18.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
}

/** Transformers.js asks for the native runtime as it is loaded, though its tokeniser computes nothing. */
function standInForNative(exports: unknown): void {
  const path = require.resolve('onnxruntime-node');
  require.cache[path] = { exports, loaded: true } as NodeJS.Module;
}
