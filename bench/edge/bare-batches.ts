import { padded } from '../../edge-server/compute/batch';
import { DEFAULT_MODEL_FOLDER } from '../../edge-server/configuration';
import { ModelFolder } from '../../edge-server/model-folder';
import { Onnx } from '../../edge-server/onnx';
import type { LoadSample } from '../load/samples';
import { MOBILE_LAYERS } from './edge-rows';

/**
 * Milliseconds of processor time, a sample, that the runtime alone takes for the edge's layers in batches of so many rows of
 * neighbouring lengths: one thread, and nothing around it.
 */
export async function bareCpuMsEach(variant: string, samples: readonly LoadSample[], batch: number): Promise<number> {
  const model = await ModelFolder.open(DEFAULT_MODEL_FOLDER);
  const onnx = await Onnx.load('auto', 1);
  const files = model.manifest.variants[variant]?.layers.slice(MOBILE_LAYERS) ?? [];
  const sessions = await Promise.all(files.map(async (file) => onnx.openSession(await model.read(file))));
  const states = samples.flatMap(({ request: { input } }) => (input.kind === 'hiddenState' ? [input.state] : []));
  const sorted = states.toSorted((a, b) => a.tokens - b.tokens);
  const climbAll = async () => {
    for (let start = 0; start < sorted.length; start += batch) {
      const rows = sorted.slice(start, start + batch).map(({ data }) => data);
      const { inputs, tokens } = padded(rows, model.manifest.hidden);
      let states = inputs.hidden_state ?? new Float32Array();
      for (const session of sessions) {
        const { outputs } = await session.run({ ...inputs, hidden_state: states }, tokens, rows.length);
        states = outputs.next_hidden_state ?? states;
      }
    }
  };
  await climbAll();
  const before = process.cpuUsage();
  await climbAll();
  const { user, system } = process.cpuUsage(before);
  for (const session of sessions) await session.release();
  return (user + system) / 1000 / sorted.length;
}
