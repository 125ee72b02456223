import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { DEFAULT_COSTS } from '../core/cost';
import { exitsOf } from '../core/exits';
import { type Decision, findExit } from '../core/policies/decision';
import { stretchesOf } from '../core/layers';
import { DEFAULT_MODEL } from '../core/model/default-model';
import { parseManifest, taskOf } from '../core/model/manifest';
import { POLICIES, type Policy, policyById, type PolicyParameters } from '../core/policies';
import { seedOfTexts } from '../core/numbers/lots';
import { PolicyFiles } from '../core/trace/policy-files';
import { calibrateTrace } from '../core/trace/calibrated-trace';
import { evaluate } from '../core/trace/evaluate';
import { ParameterGrid } from '../core/tuning/parameter-grid';
import type { Trace } from '../core/trace/trace-file';
import { filmRemarks } from './testing/film-remarks';
import { type ExportedResult, expect, open, results, runSentences, test } from './testing/playground';

const TASK = { id: 'sst2', name: 'SST-2' };
const PLAN = { mobileLayers: 4, edgeLayers: 8 };
const REMARKS = filmRemarks(200);
/** All their samples leave at one layer, whatever the sliders say. */
const AT_ONE_LAYER = ['all-mobile', 'all-edge', 'all-cloud'];
/** How finely parameters are tried, from one end of their sliders to the other. */
const TRIES = 41;

const modelUrl = new URL(`../public/models/${DEFAULT_MODEL}/`, import.meta.url);
const read = async (path: string) => new Uint8Array(await readFile(fileURLToPath(new URL(path, modelUrl))));
const manifest = parseManifest(JSON.parse(new TextDecoder().decode(await read('manifest.json'))));
const { temperatures, labels } = taskOf(manifest, TASK.id);
const files = new PolicyFiles(manifest, ({ path }) => read(path));

type Answer = Pick<ExportedResult, 'texts' | 'exitLayer' | 'prediction'>;

/** Real WASM here, real edge and cloud tiers behind it; hidden states cross as they are. */
function hashOf({ id }: Pick<Policy, 'id'>, parameters: PolicyParameters): string {
  const { mobileLayers, edgeLayers } = PLAN;
  const fields = { v: 3, task: TASK.id, policy: id, m: mobileLayers, n: edgeLayers, payload: 'float32' };
  const entries = Object.entries({ ...fields, backend: 'wasm', variant: 'fp16', ...parameters });
  return `#${new URLSearchParams(entries.map(([key, value]) => [key, String(value)]))}`;
}

/** What a page that knows none of the sentences yet says of them. */
async function climb(page: Page, policy: Policy, parameters: PolicyParameters, sentences: readonly string[]) {
  await page.evaluate((hash) => (location.hash = hash), hashOf(policy, parameters));
  await expect(page.getByRole('combobox', { name: 'Policy' })).toHaveValue(policy.id);
  await runSentences(page, TASK.name, sentences, 240_000);
  return results(page);
}

/** What was recorded of sentences that ran through every layer. */
function traceOf(rows: readonly ExportedResult[], distances: readonly ExportedResult[]): Trace {
  const columns = (kind: 'dimee' | 'dimecDc') =>
    Float32Array.from(distances.flatMap(({ distances: found }) => found?.[kind] ?? []));
  return {
    ...{ task: TASK.id, split: 'remarks', model: manifest.id, isLabelled: false },
    ...{ rows: rows.length, layers: manifest.layers, classes: labels.length },
    logits: Float32Array.from(rows.flatMap(({ exits }) => exits.flatMap(({ logits }) => logits))),
    gold: new Uint8Array(rows.length),
    tokens: Uint16Array.from(rows, ({ tokens }) => tokens),
    saturation: Float32Array.from(rows.flatMap(({ exits }) => exits.map(({ saturation }) => saturation ?? Number.NaN))),
    poolDistances: columns('dimee'),
    dynamicsDistances: columns('dimecDc'),
  };
}

/** The recorded trace replayed under a decision. A policy that draws lots has a lot for each text, not for each row. */
function replayed(trace: Trace, decision: Decision): readonly Answer[] {
  const calibrated = calibrateTrace(trace, temperatures);
  const { exitLayers, labels: answers } = evaluate(calibrated, decision, DEFAULT_COSTS);
  return REMARKS.map((remark, row) => {
    const drawn = decision.policy.needs.includes('rowSeed') ? drawnExit(trace, row, decision) : undefined;
    const [exitLayer, label] = drawn ? [drawn.layer, drawn.label] : [exitLayers[row] ?? 0, answers[row] ?? 0];
    return { texts: [remark], exitLayer, prediction: labels[label] ?? '' };
  });
}

function drawnExit({ logits, layers, classes }: Trace, row: number, decision: Decision) {
  const ofLayer = (layer: number) => Array.from(logits.subarray((row * layers + layer) * classes).subarray(0, classes));
  const exits = exitsOf(
    Array.from({ length: layers }, (_, layer) => ofLayer(layer)),
    temperatures,
  );
  return findExit(exits, decision, { rowSeed: seedOfTexts([REMARKS[row] ?? '']) });
}

/** The decision whose sentences leave at the most layers, of those with all sliders equally far from their ends. */
async function widestDecision(trace: Trace, policy: Policy): Promise<Decision> {
  const fitted = await files.fittedFor(policy, TASK.id);
  const stretches = stretchesOf(policy.route, PLAN, manifest.layers);
  const grid = new ParameterGrid(policy, manifest.layers);
  const decisions = Array.from({ length: TRIES }, (_, attempt) => {
    const point = grid.axes.map(({ values }) => Math.round(((values.length - 1) * attempt) / (TRIES - 1)));
    return { policy, parameters: grid.parametersAt(point), stretches, fitted };
  });
  const layersOf = (decision: Decision) => new Set(replayed(trace, decision).map(({ exitLayer }) => exitLayer)).size;
  const widths = decisions.map(layersOf);
  const widest = decisions[widths.indexOf(Math.max(...widths))];
  if (!widest) throw new Error('There is nothing to choose from.');
  return widest;
}

const view = (rows: readonly Answer[]) =>
  rows.map(({ texts, exitLayer, prediction }) => ({ texts, exitLayer, prediction }));

/** All that the browser says of the sentences when they run through every layer, recorded once for all policies. */
const agreement = test.extend<object, { recording: Trace }>({
  recording: [
    async ({ profile, sharedServer }, use) => {
      const never = { mobileThreshold: 1, edgeThreshold: 1, cloudThreshold: 1 };
      const page = await profile.newPage();
      await open(page, sharedServer);
      // The ladder measures saturation for the policy that asks for it alone.
      const recorded = await climb(page, policyById('saturation'), never, REMARKS);
      expect(recorded.every(({ exits }) => exits.length === manifest.layers)).toBe(true);
      const routed = await climb(page, policyById('dimee-pools'), {}, REMARKS);
      await page.close();
      await use(traceOf(recorded, routed));
    },
    { scope: 'worker', timeout: 300_000 },
  ],
});

for (const policy of POLICIES.filter(({ needs }) => !needs.includes('gold'))) {
  const title = `${policy.name}: the ladder in the browser and the replayed trace agree on ${REMARKS.length} sentences`;
  agreement(title, async ({ page, server, recording }) => {
    agreement.setTimeout(300_000);
    const decision = await widestDecision(recording, policy);
    await open(page, server);
    const answers = await climb(page, policy, decision.parameters, REMARKS);
    expect(view(answers)).toEqual(view(replayed(recording, decision)));
    const layers = new Set(answers.map(({ exitLayer }) => exitLayer)).size;
    if (!AT_ONE_LAYER.includes(policy.id)) expect(layers).toBeGreaterThan(1);
  });
}
