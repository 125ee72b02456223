import { HeldStates } from '../../core/ladder/held-states';
import { LadderTier } from '../../core/ladder/ladder-tier';
import { enteredAfter } from '../../core/ladder/tier';
import { TIERS } from '../../core/layers';
import { lastOf } from '../../core/numbers/at';
import { PolicyFiles } from '../../core/trace/policy-files';
import { ModelFolder } from '../../edge-server/model-folder';
import { OnnxRuntimes } from '../../edge-server/runtimes';
import { ownSamples, VARIANT } from './own-samples';

/*
 * Prints, for the engine's tests, samples as an edge would send them and what the cloud tier within the edge's own process
 * answers to each: a line of JSON a sample.
 */

const STARTS = [9, 5, 9, 1].map((startLayer) => ({ startLayer, plan: { mobileLayers: 4, edgeLayers: 8 } }));

const [folder = '', count = '', ...tasks] = process.argv.slice(2);
const model = await ModelFolder.open(folder);
const { manifest } = model;
const runtime = new OnnxRuntimes(model, { threads: 1 }).of(VARIANT);
const cloud = new LadderTier({
  ...{ name: 'cloud', covers: TIERS, manifest, runtime, heldStates: new HeldStates(0) },
  ...{ schedule: (job) => job(), now: () => performance.now() },
  policyFiles: new PolicyFiles(manifest, (file) => model.read(file)),
});

const samples = ownSamples(manifest, runtime, { count: Number(count), tasks, starts: STARTS });
for await (const { request, ids, payload, tokens } of samples) {
  const { task, policy, plan, rowSeed, priorLogits, input } = request;
  const { steps } = await cloud.infer(request, new AbortController().signal);
  const line = {
    ...{ task, variant: VARIANT, policy, plan, rowSeed, priorLogits },
    ...{ startLayer: enteredAfter(request) + 1, tokens },
    ...(input.kind === 'text' ? ids : { state: Buffer.from(payload).toString('base64') }),
    expected: { exitLayer: lastOf(steps).layer, logits: steps.map(({ logits }) => logits) },
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
