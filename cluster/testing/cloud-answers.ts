import { LadderTier } from '../../core/ladder/ladder-tier';
import { HeldStates } from '../../core/ladder/held-states';
import { enteredAfter, type InferRequest, type SampleInput } from '../../core/ladder/tier';
import { layersUpTo, TIERS } from '../../core/layers';
import { taskLogits, taskOf } from '../../core/model/manifest';
import { knownTokens } from '../../core/model/reading';
import type { Texts } from '../../core/model/tokens';
import { at, lastOf } from '../../core/numbers/at';
import { decodeHiddenState, encodeHiddenState } from '../../core/payload/payload';
import { defaultParameters, policyById } from '../../core/policies';
import { rowSeedFor } from '../../core/policies/needs';
import { randomInt, seededRandom } from '../../core/testing/random';
import { PolicyFiles } from '../../core/trace/policy-files';
import { ModelFolder } from '../../edge-server/model-folder';
import { OnnxRuntimes } from '../../edge-server/runtimes';

/*
 * Prints, for the engine's tests, samples as an edge would send them and what the cloud tier within the edge's own process
 * answers to each: a line of JSON a sample.
 */

const VARIANT = 'fp16';
const PLAN = { mobileLayers: 4, edgeLayers: 8 };
const START_LAYERS = [9, 5, 9, 1];
const POLICIES = ['confidence', 'saturation', 'patience', 'entropy', 'random-exit', 'fast-yet-safe', 'learned-exit'];
const WORDS =
  `the a small quiet old bright film story kitchen garden river train teacher child winter morning never always hardly ` +
  `moves tells makes finds loses opens wonderful dull careless warm empty honest but and because while without its their`;

const [folder = '', count = '', ...tasks] = process.argv.slice(2);
const model = await ModelFolder.open(folder);
const { manifest } = model;
const runtime = new OnnxRuntimes(model, { threads: 1 }).of(VARIANT);
const cloud = new LadderTier({
  ...{ name: 'cloud', covers: TIERS, manifest, runtime, heldStates: new HeldStates(0) },
  ...{ schedule: (job) => job(), now: () => performance.now() },
  policyFiles: new PolicyFiles(manifest, (file) => model.read(file)),
});
const random = seededRandom(21);
const words = WORDS.split(' ');

function ownSentence(): string {
  return Array.from({ length: randomInt(random, 3, 18) }, () => at(words, randomInt(random, 0, words.length - 1))).join(
    ' ',
  );
}

/** The state before a layer as it comes out of a frame, and what the exits below said. */
async function climbedTo(startLayer: number, texts: Texts, task: string) {
  const { inputIds, tokenTypeIds } = await knownTokens(runtime, texts);
  const ids = { inputIds: [...inputIds], tokenTypeIds: [...tokenTypeIds] };
  const priorLogits: number[][] = [];
  let state = await runtime.embed({ inputIds, tokenTypeIds, readings: [] });
  for (const layer of layersUpTo(startLayer - 1)) {
    const output = await runtime.runLayer(layer, state);
    state = output.state;
    priorLogits.push(taskLogits(taskOf(manifest, task), output.logits));
  }
  const payload = encodeHiddenState(state, 'float16');
  return { ids, priorLogits, payload, state: decodeHiddenState(payload, 'float16', state.tokens, state.hidden) };
}

for (let index = 0; index < Number(count); index++) {
  const task = at(tasks, index % tasks.length);
  const policy = policyById(at(POLICIES, index % POLICIES.length));
  const texts: Texts = taskOf(manifest, task).pair ? [ownSentence(), ownSentence()] : [ownSentence()];
  const { ids, priorLogits, payload, state } = await climbedTo(
    at(START_LAYERS, index % START_LAYERS.length),
    texts,
    task,
  );
  const input: SampleInput = priorLogits.length > 0 ? { kind: 'hiddenState', state } : { kind: 'text', texts };
  const rowSeed = rowSeedFor(policy, texts);
  const request: InferRequest = {
    ...{ sampleKey: String(index), task, plan: PLAN, priorLogits, rowSeed, input },
    policy: { id: policy.id, parameters: defaultParameters(policy, manifest.layers) },
    ...{ payloadDtype: 'float16', deadlineMs: 60_000 },
  };
  const { steps } = await cloud.infer(request, new AbortController().signal);
  const line = {
    ...{ task, variant: VARIANT, policy: request.policy, plan: PLAN, rowSeed, priorLogits },
    ...{ startLayer: enteredAfter(request) + 1, tokens: state.tokens },
    ...(input.kind === 'text' ? ids : { state: Buffer.from(payload).toString('base64') }),
    expected: { exitLayer: lastOf(steps).layer, logits: steps.map(({ logits }) => logits) },
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
