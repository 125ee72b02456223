import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CostWeights, DEFAULT_COSTS } from '../../core/cost';
import { reliabilityOf } from '../../core/lab/reliability';
import { defaultPlan, type Plan } from '../../core/layers';
import { parseManifest, taskOf } from '../../core/model/manifest';
import { DEFAULT_MODEL } from '../../core/model/default-model';
import { decisionIn } from '../../core/policies/decision';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { calibrateTrace } from '../../core/trace/calibrated-trace';
import { evaluate } from '../../core/trace/evaluate';
import { decodeTrace } from '../../core/trace/trace-file';
import { defaultFields, fieldTable } from '../../core/view/fields';
import { readLink } from '../../core/view/link';
import { breakEven, learnFigures } from './figures';
import { LESSONS, lessonHash, lessonsFor } from './lessons';

/* What the lessons say must be true of the model that is shipped. */

const folder = new URL(`../../public/models/${DEFAULT_MODEL}/`, import.meta.url);
const manifest = parseManifest(JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')));

function traceOf(id: string) {
  const { traces, temperatures } = taskOf(manifest, id);
  return calibrateTrace(
    decodeTrace(new Uint8Array(readFileSync(new URL(traces.dev?.path ?? '', folder)))),
    temperatures,
  );
}

const sst2 = traceOf('sst2');
const figures = learnFigures(sst2, taskOf(manifest, 'sst2'));

function savedWith(costs: Partial<CostWeights>, plan: Plan = defaultPlan(12)): number {
  const { policy, parameters } = figures.decision;
  const decision = decisionIn({ plan, layers: 12 }, policy, parameters);
  return evaluate(sst2, decision, { ...DEFAULT_COSTS, ...costs }).summary.costCutPercent;
}

describe('the lesson on costs', () => {
  const { mobileLayer = 0 } = LESSONS.cost;
  const noCrossings = { mobileToEdge: 0, edgeToCloud: 0, mobileToCloud: 0 };
  /** Costs are linear in the weight. */
  const evenWith = (costs: Partial<CostWeights>) => {
    const [at0, at1] = [savedWith({ ...costs, mobileLayer: 0 }), savedWith({ ...costs, mobileLayer: 1 })];
    return at0 / (at0 - at1);
  };

  it('saves nothing where it begins, and breaks even between five and six', () => {
    expect(savedWith({ mobileLayer })).toBeLessThan(0);
    expect(breakEven(figures)).toBeCloseTo(evenWith({}), 6);
    expect(breakEven(figures)).toBeGreaterThan(5);
    expect(breakEven(figures)).toBeLessThan(6);
  });

  it.each([1, 2])('pays again with %i layers here', (mobileLayers) => {
    expect(savedWith({ mobileLayer }, { ...defaultPlan(12), mobileLayers })).toBeGreaterThan(0);
  });

  it('breaks even at less where crossings are free', () => {
    expect(evenWith(noCrossings)).toBeLessThan(evenWith({}) - 0.5);
  });
});

describe('the lesson on calibration', () => {
  const exits = reliabilityOf(traceOf('cola'));

  it('shows exits that are too sure, and less so with their temperatures', () => {
    const tooSure = exits.filter(({ accuracy, uncalibrated }) => uncalibrated.meanConfidence > accuracy);
    const closer = exits.filter(({ calibrated, uncalibrated }) => calibrated.ece < uncalibrated.ece);
    expect(tooSure.length).toBeGreaterThan(9);
    expect(closer).toHaveLength(12);
  });
});

describe('links of lessons', () => {
  it.each(lessonsFor(manifest))('%s sets the page and keeps the device', async (id) => {
    const { fields, problems } = await readLink(
      await lessonHash(id, manifest, { backend: 'wasm', variant: 'q8' }),
      manifest,
    );
    expect(problems).toEqual([]);
    const set = { ...defaultFields(fieldTable(manifest)), ...fields };
    expect(set).toMatchObject({ ...LESSONS[id], backend: 'wasm', variant: 'q8' });
  });

  it('are left out where the model has not the task', () => {
    const { sst2 } = fakeManifest().tasks;
    expect(lessonsFor({ tasks: sst2 ? { sst2 } : {} })).toEqual(['climb', 'cost']);
  });
});
