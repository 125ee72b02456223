import { describe, expect, it } from 'vitest';
import { DEFAULT_COSTS } from '../../core/cost';
import { stretchesOf, toLayer } from '../../core/layers';
import { ExitRecorder } from '../../core/own-data/exit-record';
import { confidence } from '../../core/policies/confidence';
import { settlingTrace } from '../../core/testing/settling-trace';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { calibrateTrace } from '../../core/trace/calibrated-trace';
import { evaluate } from '../../core/trace/evaluate';
import { countTraits, rowsMatching } from '../../core/trace/row-traits';
import { exportRows } from '../state/export';
import { Settings } from '../state/Settings.svelte';
import { ExitRows } from './exit-rows';
import { remarksOn } from './row-source';
import { TraceRows } from './trace-rows';

const labels = ['negative', 'positive'];
/** Rows whose exits say 1 from layers 1, 3 and 6 on, and 0 before. */
const calibrated = calibrateTrace(settlingTrace('sst2', 2, [1, 3, 6]), new Array<number>(12).fill(1));
const decision = {
  policy: confidence,
  parameters: { mobileThreshold: 0.95, edgeThreshold: 0.8, cloudThreshold: 0.8 },
  stretches: stretchesOf('cascade', { mobileLayers: 4, edgeLayers: 8 }, 12),
};
const modelled = { computeMs: { mobile: 1, edge: 0, cloud: 0 }, upMs: 1, latencyMs: 42, jitterMs: 0 };

function recorded(change: Partial<ConstructorParameters<typeof TraceRows>[0]> = {}): TraceRows {
  return new TraceRows({
    ...{ kind: 'dev', name: 'SST-2 dev split', labels, calibrated, decision, costs: DEFAULT_COSTS },
    evaluation: evaluate(calibrated, decision, DEFAULT_COSTS),
    gold: calibrated.trace.gold,
    model: () => ({ ...modelled, bytesUp: 1234.6, bytesDown: 99.2 }),
    ...change,
  });
}

describe('rows of a trace', () => {
  it('know every exit, what people said, and a time that is modelled', () => {
    const rows = recorded();
    expect(rows).toMatchObject({ count: 3, hasTexts: false, hasGold: true, hasAllExits: true, times: 'modelled' });
    const row = rows.rowAt(2);
    expect(row?.climbed.exits.map(({ label }) => label)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]);
    expect(row?.outcome).toMatchObject({ exit: { layer: 5, label: 0 }, tier: 'edge', latencyMs: 42, bytesUp: 1235 });
    expect([row?.texts, row?.gold, rows.numberOf(2), rows.rowAt(3)]).toEqual([undefined, 1, 3, undefined]);
  });

  it('are told apart by what is remarkable of them', () => {
    const { traits } = recorded();
    expect(countTraits(traits)).toEqual({
      settled: 3,
      tiers: { mobile: 0, edge: 3, cloud: 0 },
      remarks: { wrong: 1, changed: 1, differs: 1 },
    });
    expect([...rowsMatching(traits, { remark: 'changed' })]).toEqual([1]);
    expect([...rowsMatching(traits, { remark: 'differs', layer: 5 })]).toEqual([2]);
    expect(countTraits(recorded({ gold: undefined }).traits).remarks.wrong).toBe(0);
  });

  it('have texts and lines where the source has them', () => {
    const written = { texts: [['One.'], ['Two.'], ['Three.']] as const, lines: Uint32Array.of(2, 5, 9) };
    const rows = recorded({ kind: 'file', name: 'films.csv', written });
    expect([rows.hasTexts, rows.numberOf(1), rows.rowAt(1)?.texts]).toEqual([true, 5, ['Two.']]);
  });
});

describe('what is said of a row', () => {
  it('names the exit that it went back on, and what all layers say', () => {
    const rows = recorded();
    const said = [0, 1, 2].map((index) => {
      const row = rows.rowAt(index);
      if (!row) throw new Error('There are three rows.');
      const { changedFrom, allLayers, isWrong } = remarksOn(row, 12);
      return [changedFrom?.layer, allLayers?.label, isWrong];
    });
    expect(said).toEqual([
      [undefined, undefined, false],
      [2, undefined, false],
      [undefined, 1, true],
    ]);
  });
});

describe('rows of which only the answers are known', () => {
  const recorder = new ExitRecorder(2);
  const exit = { layer: toLayer(3), label: 1, confidence: 0.9, logits: [], probabilities: [] };
  const costParts = { mobile: 3, edge: 0, cloud: 0, offloading: 0 };
  recorder.add(0, { exit, tier: 'mobile', cost: 3, costParts });
  recorder.add(1, { exit: { ...exit, label: 0 }, tier: 'edge', cost: 7, costParts });
  const rows = new ExitRows({
    ...{ name: 'films.csv', labels, layers: 12, exits: recorder.columns(), gold: Uint8Array.of(1, 1) },
  });

  it('say those, and no time and no exit', () => {
    expect(rows).toMatchObject({ count: 2, hasAllExits: false, times: 'unknown' });
    const row = rows.rowAt(1);
    expect(row?.outcome).toMatchObject({ exit: { layer: 3, label: 0, confidence: 0.9 }, tier: 'edge', cost: 7 });
    expect([row?.climbed.exits, row?.outcome?.latencyMs, rows.rowAt(2)]).toEqual([[], Number.NaN, undefined]);
    expect(countTraits(rows.traits)).toMatchObject({ settled: 2, remarks: { wrong: 1, changed: 0, differs: 0 } });
  });

  it('are exported with nulls for what is not known', async () => {
    const settings = new Settings(fakeManifest());
    const blob = await exportRows(rows, settings);
    const { rows: name, times, results } = JSON.parse(await blob.text()) as Record<string, unknown>;
    expect([name, times]).toEqual(['films.csv', 'unknown']);
    expect(results).toMatchObject([
      { row: 1, texts: null, label: 'positive', prediction: 'positive', exitLayer: 3, latencyMs: null, exits: [] },
      { row: 2, texts: null, label: 'positive', prediction: 'negative', exitLayer: 3, latencyMs: null, exits: [] },
    ]);
  });
});
