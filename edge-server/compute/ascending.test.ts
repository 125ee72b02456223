import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { HiddenState } from '../../core/hidden-state';
import type { ExitRule } from '../../core/ladder/ascent';
import { type LayerIndex, toLayer } from '../../core/layers';
import { lastOf } from '../../core/numbers/at';
import { nobody } from '../../core/scheduling/asker';
import { ModelFolder } from '../model-folder';
import { Compute } from './compute';
import { Engine } from './engine';
import type { BatchReport } from './pool';

const TINY = fileURLToPath(new URL('../../core/testing/models/tiny-topics', import.meta.url));
const model = await ModelFolder.open(TINY);
const { hidden, layers } = model.manifest;
const last = toLayer(layers);
const compute = new Compute(model, { threads: 1, workers: 1 });
const reports: BatchReport[] = [];
compute.watch((report) => reports.push(report));
await compute.prepare('fp16');
const runtime = compute.of('fp16');

afterAll(() => compute.close());

const stateOf = (tokens: number): HiddenState => ({
  ...{ tokens, hidden },
  data: Float32Array.from({ length: tokens * hidden }, (_, index) => Math.sin(index + tokens)),
});
/** Leaves at a depth, whatever the exits say. */
const leavingAt = (depth: number, rule: Partial<ExitRule> = {}): ExitRule => ({
  task: 'topic',
  policy: { id: 'fixed-exit', parameters: { depth } },
  plan: { mobileLayers: 1, edgeLayers: layers },
  rowSeed: 7,
  priorLogits: [],
  lastLayer: last,
  ...rule,
});
const ascend = (tokens: number, rule: ExitRule) => runtime.ascend(stateOf(tokens), rule, nobody());

describe('Layers in a row', () => {
  test('give what they give one by one, up to the last that may run', async () => {
    const { outputs, state } = await ascend(7, leavingAt(layers));
    let expected = stateOf(7);
    for (const [index, { logits }] of outputs.entries()) {
      const output = await runtime.runLayer(toLayer(index + 1), expected);
      expect(logits).toEqual(output.logits);
      expected = output.state;
    }
    expect(outputs).toHaveLength(layers);
    expect(state).toEqual(expected);
    expect((await ascend(7, leavingAt(layers, { lastLayer: toLayer(2) }))).outputs).toHaveLength(2);
  });

  test('end where the sample leaves, and for those beside it, too: who goes on together is decided anew', async () => {
    const [leaving, staying] = await Promise.all([ascend(6, leavingAt(2)), ascend(6, leavingAt(layers))]);
    expect([leaving.outputs.length, staying.outputs.length]).toEqual([2, 2]);
    expect(lastOf(reports)).toMatchObject({ rows: 2, parts: [{ layer: 1 }, { layer: 2 }] });
    const layer: LayerIndex = toLayer(3);
    const priorLogits = staying.outputs.map(({ logits }) => [...logits].slice(0, 3));
    const rest = await runtime.ascend(staying.state, leavingAt(layers, { priorLogits }), nobody());
    expect(rest.outputs[0]?.logits).toEqual((await runtime.runLayer(layer, staying.state)).logits);
  });

  test('end with the layer under way where others come first', async () => {
    const engine = new Engine({ manifest: model.manifest, runtime: 'auto', threads: 1 });
    for (const [index, file] of (model.manifest.variants.fp16?.layers ?? []).entries()) {
      const part = { kind: 'layer', variant: 'fp16', layer: toLayer(index + 1) } as const;
      await engine.do('open', { part, file: await model.read(file) });
    }
    const rows = [{ state: stateOf(5).data, rule: leavingAt(layers) }];
    const asked = { variant: 'fp16', layer: toLayer(1), rows };
    expect((await engine.do('climb', asked)).answer.layers).toHaveLength(layers);
    const climbing = engine.do('climb', asked);
    engine.interrupt();
    expect((await climbing).answer.layers).toHaveLength(1);
    await engine.close();
  });
});
