import { padded } from '../../edge-server/compute/batch';
import { DEFAULT_MODEL_FOLDER } from '../../edge-server/configuration';
import { ModelFolder } from '../../edge-server/model-folder';
import { type BatchSession, Onnx } from '../../edge-server/onnx';
import type { LoadSample } from '../load/samples';
import { MOBILE_LAYERS } from './edge-rows';

/** The runtime alone, with nothing around it: the edge's layers in batches of so many rows of neighbouring lengths, on one thread. */
export class BareLoop {
  private constructor(
    private readonly sessions: readonly BatchSession[],
    private readonly batches: readonly (readonly Float32Array[])[],
    private readonly hidden: number,
  ) {}

  static async open(variant: string, samples: readonly LoadSample[], batch: number): Promise<BareLoop> {
    const model = await ModelFolder.open(DEFAULT_MODEL_FOLDER);
    const onnx = await Onnx.load('auto', 1);
    const files = model.manifest.variants[variant]?.layers.slice(MOBILE_LAYERS) ?? [];
    const sessions = await Promise.all(files.map(async (file) => onnx.openSession(await model.read(file))));
    const states = samples.flatMap(({ request: { input } }) => (input.kind === 'hiddenState' ? [input.state] : []));
    const sorted = states.toSorted((a, b) => a.tokens - b.tokens).map(({ data }) => data);
    const starts = Array.from({ length: Math.ceil(sorted.length / batch) }, (_, index) => index * batch);
    const batches = starts.map((start) => sorted.slice(start, start + batch));
    return new BareLoop(sessions, batches, model.manifest.hidden);
  }

  /** All samples once. */
  async climb(): Promise<void> {
    for (const rows of this.batches) {
      const { inputs, tokens } = padded(rows, this.hidden);
      let states = inputs.hidden_state ?? new Float32Array();
      for (const session of this.sessions) {
        const { outputs } = await session.run({ ...inputs, hidden_state: states }, tokens, rows.length);
        states = outputs.next_hidden_state ?? states;
      }
    }
  }

  async close(): Promise<void> {
    for (const session of this.sessions) await session.release();
  }
}

/** Milliseconds of processor time, a sample, that the runtime alone takes. */
export async function bareCpuMsEach(variant: string, samples: readonly LoadSample[], batch: number): Promise<number> {
  const loop = await BareLoop.open(variant, samples, batch);
  await loop.climb();
  const before = process.cpuUsage();
  await loop.climb();
  const { user, system } = process.cpuUsage(before);
  await loop.close();
  return (user + system) / 1000 / samples.length;
}
