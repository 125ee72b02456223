import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type Manifest, type ModelFile, variantOf } from '../core/model/manifest';
import { modelFile } from './dev-split';

/** A sample on its way up: `data` is `[tokens, hidden]`, row by row. */
export interface Row {
  readonly tokens: number;
  readonly data: Float32Array;
}

/** What a layer makes of one row of a batch. */
export interface RowOutput extends Row {
  readonly logits: Float32Array;
}

/** The graphs of one variant on the native runtime with one thread, run on padded batches. */
export class LayerBatches {
  private constructor(
    private readonly hidden: number,
    private readonly embeddings: InferenceSession,
    private readonly layers: readonly InferenceSession[],
  ) {}

  static async open(manifest: Manifest, variant: string): Promise<LayerBatches> {
    const { embeddings, layers } = variantOf(manifest, variant);
    return new LayerBatches(manifest.hidden, await openSession(embeddings), await Promise.all(layers.map(openSession)));
  }

  /** The hidden states of these token ids, batched and padded to `width` tokens. */
  async embed(ids: readonly (readonly number[])[], width: number): Promise<readonly Row[]> {
    const padded = new Int32Array(ids.length * width);
    for (const [row, line] of ids.entries()) padded.set(line, row * width);
    const dims = [ids.length, width];
    const feeds = {
      input_ids: new Tensor('int32', padded, dims),
      token_type_ids: new Tensor('int32', new Int32Array(padded.length), dims),
    };
    const { hidden_state: states } = await this.embeddings.run(feeds);
    return this.#rowsOf(
      states,
      ids.map(({ length }) => length),
      width,
    );
  }

  /** @param layer 1 is the first. What lies between a row's end and `width` is zero. */
  async runLayer(layer: number, rows: readonly Row[], width: number): Promise<readonly RowOutput[]> {
    const session = this.layers[layer - 1];
    if (!session) throw new RangeError(`The model has layers 1 to ${this.layers.length}, not ${layer}.`);
    const states = new Float32Array(rows.length * width * this.hidden);
    const mask = new Int32Array(rows.length * width);
    for (const [row, { tokens, data }] of rows.entries()) {
      states.set(data, row * width * this.hidden);
      mask.fill(1, row * width, row * width + tokens);
    }
    const { next_hidden_state: next, logits } = await session.run({
      hidden_state: new Tensor('float32', states, [rows.length, width, this.hidden]),
      attention_mask: new Tensor('int32', mask, [rows.length, width]),
    });
    const all = floatsOf(logits);
    const classes = all.length / rows.length;
    return this.#rowsOf(
      next,
      rows.map(({ tokens }) => tokens),
      width,
    ).map((row, index) => ({ ...row, logits: all.slice(index * classes, (index + 1) * classes) }));
  }

  async release(): Promise<void> {
    for (const session of [this.embeddings, ...this.layers]) await session.release();
  }

  #rowsOf(states: Tensor | undefined, lengths: readonly number[], width: number): Row[] {
    const data = floatsOf(states);
    return lengths.map((tokens, row) => {
      const start = row * width * this.hidden;
      return { tokens, data: data.slice(start, start + tokens * this.hidden) };
    });
  }
}

const openSession = async (file: ModelFile) =>
  InferenceSession.create(await readFile(modelFile(file)), { intraOpNumThreads: 1, interOpNumThreads: 1 });

function floatsOf(tensor: Tensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new TypeError(`A graph must give float32 where ${tensor?.type ?? 'nothing'} came.`);
}
