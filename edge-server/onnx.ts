import { InferenceSession, Tensor } from 'onnxruntime-node';
import { DimeeError } from '../core/errors';

/** One sample: `[tokens] int32`, or `[tokens, hidden] float32`. */
export type Feed = Int32Array | Float32Array;

/** One ONNX graph, ready to run. The only door to the ONNX runtime. */
export class OnnxSession {
  private constructor(private readonly session: InferenceSession) {}

  /**
   * Takes about 25 ms for a layer, on the JavaScript thread.
   * @param bytes the model file; copied.
   * @throws DimeeError `MODEL_UNAVAILABLE` where the runtime cannot read it.
   */
  static async open(bytes: Uint8Array, threads: number): Promise<OnnxSession> {
    try {
      return new OnnxSession(await InferenceSession.create(bytes, sessionOptions(threads)));
    } catch (cause) {
      throw new DimeeError('MODEL_UNAVAILABLE', 'The ONNX runtime cannot read a file of the model.', { cause });
    }
  }

  /** Runs the graph on a batch of one; the outputs are the runtime's own copies. */
  async run(feeds: Readonly<Record<string, Feed>>, tokens: number): Promise<Readonly<Record<string, Float32Array>>> {
    const inputs = Object.entries(feeds).map(([name, feed]) => [name, tensorOf(feed, tokens)]);
    const outputs = Object.entries(await this.session.run(Object.fromEntries(inputs) as InferenceSession.FeedsType));
    return Object.fromEntries(outputs.map(([name, output]) => [name, floatsOf(name, output)]));
  }
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

function tensorOf(feed: Feed, tokens: number): Tensor {
  if (feed instanceof Int32Array) return new Tensor('int32', feed, [1, tokens]);
  return new Tensor('float32', feed, [1, tokens, feed.length / tokens]);
}

function floatsOf(name: string, output: Tensor): Float32Array {
  if (output.data instanceof Float32Array) return output.data;
  throw new DimeeError('MODEL_UNAVAILABLE', `The model's output ${name} must be float32, not ${output.type}.`);
}
