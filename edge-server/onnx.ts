import { InferenceSession, Tensor } from 'onnxruntime-node';
import { DimeeError } from '../core/errors';
import { dimsOf, floatsOf, type Inputs, type Session } from '../core/model/onnx-layers';

/**
 * One ONNX graph in the native runtime: the only door to it here. Opening takes about 25 ms for a layer, on the JavaScript
 * thread, where it runs, too.
 * @param graph the model file; copied.
 * @throws DimeeError `MODEL_UNAVAILABLE` where the runtime cannot read it.
 */
export async function openSession(graph: Uint8Array, threads: number): Promise<Session> {
  try {
    const session = await InferenceSession.create(graph, sessionOptions(threads));
    return { run: (inputs, tokens) => run(session, inputs, tokens), release: () => session.release() };
  } catch (cause) {
    throw new DimeeError('MODEL_UNAVAILABLE', 'The ONNX runtime cannot read a file of the model.', { cause });
  }
}

async function run(session: InferenceSession, inputs: Inputs, tokens: number): ReturnType<Session['run']> {
  const feeds = Object.entries(inputs).map(([name, data]) => [name, tensorOf(data, dimsOf(data, tokens))] as const);
  const startedAt = performance.now();
  const results = await session.run(Object.fromEntries(feeds));
  const computeMs = performance.now() - startedAt;
  const outputs = Object.entries(results).map(([name, output]) => [name, floatsOf(name, output)] as const);
  return { outputs: Object.fromEntries(outputs), computeMs };
}

function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Every layer is a session with a pool of its own. Pools that spin while they wait take the cores from each other:
    // with two threads on 2 cores, 12 layers of 32 tokens then take 230 ms instead of 18.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
}

function tensorOf(data: Inputs[string], dims: readonly number[]): Tensor {
  return data instanceof Int32Array ? new Tensor('int32', data, dims) : new Tensor('float32', data, dims);
}
