import { mean } from 'd3-array';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allCloudCost, DEFAULT_COSTS } from '../core/cost';
import { comparePair } from '../core/lab/paired';
import { rightUnderStaticCut } from '../core/lab/static-cut';
import { type Plan, stretchesOf } from '../core/layers';
import { taskOf } from '../core/model/manifest';
import { DEFAULT_EDGE_TO_CLOUD_MS, DEFAULT_LAYER_TIMES, stateBytesPerToken } from '../core/network/equipment';
import { LINKS } from '../core/network/profiles';
import { expectedLoss } from '../core/policies/expected-loss';
import { PolicyFiles } from '../core/trace/policy-files';
import { calibrateTrace } from '../core/trace/calibrated-trace';
import { evaluate } from '../core/trace/evaluate';
import { decodeTrace } from '../core/trace/trace-file';
import { DEFAULT_MODEL_FOLDER } from '../edge-server/configuration';
import { ModelFolder } from '../edge-server/model-folder';

/** What `training.report` wrote. */
interface Report {
  readonly frontier: { readonly tasks: Readonly<Record<string, Point>> };
}

interface Point {
  readonly plan: Plan;
  readonly expectedLossPoints: { readonly mobile: number; readonly edge: number };
  readonly costCutPercent: number;
  readonly accuracyPercent: number;
  readonly gainOverStaticPoints: number;
  readonly beside: { readonly staticLayer: { readonly accuracyPercent: number } };
}

const model = await ModelFolder.open(DEFAULT_MODEL_FOLDER);
const { manifest } = model;
const read = model.read.bind(model);
const equipment = {
  ...{ layerMs: DEFAULT_LAYER_TIMES, edgeToCloudMs: DEFAULT_EDGE_TO_CLOUD_MS },
  stateBytesPerToken: stateBytesPerToken(manifest, 'int8'),
};
const report = JSON.parse(await readFile(join(DEFAULT_MODEL_FOLDER, 'report.json'), 'utf8')) as Report;

test.each(Object.entries(report.frontier.tasks))(
  'the frontier of the model’s report is what “expected-loss” gives on %s',
  async (id, { plan, expectedLossPoints, costCutPercent, accuracyPercent, gainOverStaticPoints, beside }) => {
    const { traces, temperatures } = taskOf(manifest, id);
    if (!traces.dev) throw new Error(`The model has no recorded dev split of ${id}.`);
    const calibrated = calibrateTrace(decodeTrace(new Uint8Array(await read(traces.dev))), temperatures);
    const { mobile, edge } = expectedLossPoints;
    const decision = {
      policy: expectedLoss,
      parameters: { mobileThreshold: mobile, edgeThreshold: edge, cloudThreshold: 0 },
      stretches: stretchesOf('cascade', plan, manifest.layers),
      fitted: await new PolicyFiles(manifest, read).fittedFor(expectedLoss, id),
    };
    const { summary, quality } = evaluate(calibrated, decision, DEFAULT_COSTS);
    // Thresholds of confidence are in steps of 0.001 there, and expected losses in steps of 0.01 points here.
    expect(Math.abs(summary.costCutPercent - costCutPercent)).toBeLessThan(0.5);
    expect(Math.abs(100 * quality.accuracy - accuracyPercent)).toBeLessThan(0.4);
    // What Compare shows first, from the same rows.
    const choice = { id: expectedLoss.id, parameters: decision.parameters };
    const setting = { evaluation: calibrated, fitted: decision.fitted, plan, costs: DEFAULT_COSTS };
    const { layers, hidden } = manifest;
    const pair = comparePair(
      { ...setting, layers, hidden },
      { a: { choice, plan }, b: { choice, plan }, network: 'wifi', custom: LINKS.wifi, equipment },
    );
    expect(Math.abs(pair.gain.a.points - gainOverStaticPoints)).toBeLessThan(0.4);
    // The same static cut in both languages: the report's cost is rounded to 0.01 %.
    const cost = allCloudCost(manifest.layers, DEFAULT_COSTS) * (1 - costCutPercent / 100);
    const right = mean(rightUnderStaticCut(calibrated, cost, DEFAULT_COSTS)) ?? Number.NaN;
    expect(Math.abs(100 * right - beside.staticLayer.accuracyPercent)).toBeLessThan(0.02);
  },
);
