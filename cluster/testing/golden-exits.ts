import { readFileSync } from 'node:fs';
import { stretchAt, toLayer } from '../../core/layers';
import { parseManifest, taskOf } from '../../core/model/manifest';
import { defaultParameters, POLICIES, type Policy } from '../../core/policies';
import { decisionIn } from '../../core/policies/decision';
import { availableLive, whatIsMissing } from '../../core/policies/needs';
import { calibrateTrace } from '../../core/trace/calibrated-trace';
import { PolicyFiles } from '../../core/trace/policy-files';
import { replay, scoreTrace } from '../../core/trace/replay';
import { decodeTrace } from '../../core/trace/trace-file';

/* Prints, for the engine's tests, recorded rows of tasks and where `core`'s replay says that each leaves, policy by policy. */

const [folder = '', rowCount = '', ...tasks] = process.argv.slice(2);
const PLAN = { mobileLayers: 4, edgeLayers: 8 };

const manifest = parseManifest(JSON.parse(readFileSync(`${folder}/manifest.json`, 'utf8')));
const read = ({ path }: { readonly path: string }) =>
  Promise.resolve(new Uint8Array(readFileSync(`${folder}/${path}`)));
const files = new PolicyFiles(manifest, read);

async function golden(id: string) {
  const task = taskOf(manifest, id);
  const { dev } = task.traces;
  if (!dev) throw new Error(`The model brings no recorded dev split for ${id}.`);
  const trace = decodeTrace(new Uint8Array(await read(dev)));
  const calibrated = calibrateTrace(trace, task.temperatures);
  const { layers, classes } = trace;
  const rows = Array.from({ length: Math.min(Number(rowCount), trace.rows) }, (_, row) => ({
    logits: Array.from({ length: layers }, (_, layer) => {
      const start = (row * layers + layer) * classes;
      return [...trace.logits.subarray(start, start + classes)];
    }),
    saturation: [...(trace.saturation ?? []).slice(row * layers, (row + 1) * layers)],
  }));

  const exits = async (policy: Policy) => {
    const fitted = await files.fittedFor(policy, id);
    if (policy.tierFor || whatIsMissing(policy, availableLive({ ...fitted, pools: fitted.data?.pools }, 0))) return [];
    const parameters = defaultParameters(policy, layers);
    const decision = decisionIn({ plan: PLAN, layers, fitted }, policy, parameters);
    if (!stretchAt(decision.stretches, toLayer(1))) return [];
    return [[policy.id, [...replay(scoreTrace(calibrated, decision), decision).slice(0, rows.length)]] as const];
  };
  const byPolicy = await Promise.all(POLICIES.map(exits));
  return { slice: task.logits, rows, exits: Object.fromEntries(byPolicy.flat()) };
}

const all = await Promise.all(tasks.map(async (id) => [id, await golden(id)] as const));
process.stdout.write(JSON.stringify({ plan: PLAN, tasks: Object.fromEntries(all) }));
