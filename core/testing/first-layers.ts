import type { HiddenState } from '../hidden-state';
import { toLayer } from '../layers';
import { type Task, taskLogits } from '../model/manifest';
import type { LayerRuntime } from '../model/layer-runtime';
import type { Texts } from '../model/tokens';

/** What a tier that runs the first layers of a sample hands on, where no exit lets it leave. */
export async function firstLayers(
  runtime: LayerRuntime,
  task: Task,
  texts: Texts,
  layers: number,
): Promise<{ readonly state: HiddenState; readonly priorLogits: readonly (readonly number[])[] }> {
  let state = await runtime.embed(await runtime.tokenize(texts));
  const priorLogits: number[][] = [];
  for (let layer = 1; layer <= layers; layer++) {
    const output = await runtime.runLayer(toLayer(layer), state);
    state = output.state;
    priorLogits.push(taskLogits(task, output.logits));
  }
  return { state, priorLogits };
}
