import { type InferRequest, type SampleInput } from '../../core/ladder/tier';
import { layersUpTo, type Plan } from '../../core/layers';
import { type Manifest, taskLogits, taskOf } from '../../core/model/manifest';
import type { LayerRuntime } from '../../core/model/layer-runtime';
import { knownTokens } from '../../core/model/reading';
import type { Texts } from '../../core/model/tokens';
import { at } from '../../core/numbers/at';
import { decodeHiddenState, encodeHiddenState } from '../../core/payload/payload';
import { defaultParameters, policyById } from '../../core/policies';
import { rowSeedFor } from '../../core/policies/needs';
import { randomInt, seededRandom } from '../../core/testing/random';

/* Samples of our own words, for the engine's tests: always the same ones. */

export const VARIANT = 'fp16';
const POLICIES = ['confidence', 'saturation', 'patience', 'entropy', 'random-exit', 'fast-yet-safe', 'learned-exit'];
const WORDS =
  `the a small quiet old bright film story kitchen garden river train teacher child winter morning never always hardly ` +
  `moves tells makes finds loses opens wonderful dull careless warm empty honest but and because while without its their`;

/** Where a sample enters, under which plan. */
export interface Start {
  readonly plan: Plan;
  /** 1 for a text as a whole. */
  readonly startLayer: number;
}

export interface OwnSample {
  readonly request: InferRequest;
  readonly ids: { readonly inputIds: number[]; readonly tokenTypeIds: number[] };
  /** The state before `startLayer`, as float16. */
  readonly payload: Uint8Array;
  readonly tokens: number;
}

/** Samples of tasks, policies and starts in turn, each climbed to its start as a client's own layers have it. */
export async function* ownSamples(
  manifest: Manifest,
  runtime: LayerRuntime,
  {
    count,
    tasks,
    starts,
  }: { readonly count: number; readonly tasks: readonly string[]; readonly starts: readonly Start[] },
): AsyncGenerator<OwnSample> {
  const random = seededRandom(21);
  const words = WORDS.split(' ');
  const sentence = () =>
    Array.from({ length: randomInt(random, 3, 18) }, () => at(words, randomInt(random, 0, words.length - 1))).join(' ');
  for (let index = 0; index < count; index++) {
    const task = at(tasks, index % tasks.length);
    const policy = policyById(at(POLICIES, index % POLICIES.length));
    const texts: Texts = taskOf(manifest, task).pair ? [sentence(), sentence()] : [sentence()];
    const { plan, startLayer } = at(starts, index % starts.length);
    const { ids, priorLogits, payload, state } = await climbedTo(startLayer, texts, task, manifest, runtime);
    const input: SampleInput = priorLogits.length > 0 ? { kind: 'hiddenState', state } : { kind: 'text', texts };
    const request: InferRequest = {
      ...{ sampleKey: `own sample ${index}`, task, plan, priorLogits, rowSeed: rowSeedFor(policy, texts), input },
      policy: { id: policy.id, parameters: defaultParameters(policy, manifest.layers) },
      ...{ payloadDtype: 'float16', deadlineMs: 60_000 },
    };
    yield { request, ids, payload, tokens: state.tokens };
  }
}

/** The state before a layer as it comes out of a frame, and what the exits below said. */
async function climbedTo(startLayer: number, texts: Texts, task: string, manifest: Manifest, runtime: LayerRuntime) {
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
