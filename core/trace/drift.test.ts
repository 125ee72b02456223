import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { defaultPlan } from '../layers';
import { DEFAULT_MODEL } from '../model/default-model';
import { type ModelFile, parseManifest } from '../model/manifest';
import { calibratedParameters, policyById, resolveParameters } from '../policies';
import { decisionIn } from '../policies/decision';
import type { CalibratedTrace } from './calibrated-trace';
import { calibrateTrace } from './calibrated-trace';
import { driftOf, driftOfAnswers, FEWEST_ROWS } from './drift';
import { replay, scoreTrace } from './replay';
import { PolicyFiles } from './policy-files';
import { decodeTrace } from './trace-file';

const FOLDER = new URL(`../../public/models/${DEFAULT_MODEL}/`, import.meta.url);
const read = async ({ path }: Pick<ModelFile, 'path'>) => new Uint8Array(await readFile(new URL(path, FOLDER)));
const manifest = parseManifest(JSON.parse(await readFile(new URL('manifest.json', FOLDER), 'utf8')));
const files = new PolicyFiles(manifest, read);

/** The task's recorded rows under its own thresholds, against those that these were calibrated with. */
async function shippedTask(id: string) {
  const task = manifest.tasks[id];
  const [calibration, noised] = [await files.calibrationOf(id), await files.noisedOf(id)];
  if (!task?.traces['dev'] || !calibration || !noised) throw new Error(`${id} lacks a trace.`);
  const dev = calibrateTrace(decodeTrace(await read(task.traces['dev'])), task.temperatures);
  const { layers } = manifest;
  const [plan, policy] = [defaultPlan(layers), policyById('confidence')];
  const parameters = resolveParameters(policy, layers, calibratedParameters(policy, layers, task.thresholds));
  const decision = decisionIn({ plan, layers }, policy, parameters);
  const drift = (rows: CalibratedTrace) => driftOf(rows, calibration, decision, plan.mobileLayers);
  const answered = (rows: CalibratedTrace) => {
    const scored = scoreTrace(rows, decision);
    const exits = [...replay(scored, decision)];
    const confidences = exits.map((layer, row) => scored.confidences[row * layers + layer - 1] ?? 0);
    return driftOfAnswers({ layers: exits, confidences }, calibration, decision);
  };
  return { dev, noised, calibration, drift, answered };
}

/** The first rows of a trace. */
function first(rows: number, { trace, probabilities, labels }: CalibratedTrace): CalibratedTrace {
  const { layers, classes, logits, gold, tokens } = trace;
  const exits = rows * layers;
  return {
    trace: {
      ...trace,
      rows,
      logits: logits.slice(0, exits * classes),
      gold: gold.slice(0, rows),
      tokens: tokens.slice(0, rows),
    },
    probabilities: probabilities.slice(0, exits * classes),
    labels: labels.slice(0, exits),
  };
}

describe('Rows of the model that is shipped', () => {
  test.each(Object.keys(manifest.tasks))(
    'of %s are alike in the dev split, and shifted where they are mistyped',
    async (id) => {
      const { dev, noised, drift, answered } = await shippedTask(id);
      expect(drift(dev).verdict).toBe('alike');
      expect(drift(noised).verdict).toBe('shifted');
      // As sentences, which nobody runs further than to where they leave.
      expect(answered(dev).verdict).toBe('alike');
      expect(answered(noised)).toMatchObject({ verdict: 'shifted', exits: drift(noised).exits });
    },
  );

  test('have the accuracy estimated that they have where they are those of the calibration', async () => {
    const { calibration, drift } = await shippedTask('mrpc');
    const { accuracy, confidences, exits, meanLayer } = drift(calibration);
    expect(accuracy.estimated).toBeCloseTo(accuracy.calibration, 2);
    expect([confidences.distance, exits.distance]).toEqual([0, 0]);
    expect(meanLayer.here).toBe(meanLayer.calibration);
  });

  test('are too few to tell below thirty', async () => {
    const { noised, drift } = await shippedTask('mnli');
    expect(drift(first(FEWEST_ROWS - 1, noised)).verdict).toBe('too few rows');
    expect(drift(first(FEWEST_ROWS, noised)).verdict).not.toBe('too few rows');
  });
});
