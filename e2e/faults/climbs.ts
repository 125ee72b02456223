import type { InferRequest, InferResult } from '../../core/ladder/tier';
import type { Plan } from '../../core/layers';
import { defaultVariantOf, type Manifest, taskOf } from '../../core/model/manifest';
import { at } from '../../core/numbers/at';
import type { PolicyChoice } from '../../core/policies';
import { firstLayers } from '../../core/testing/first-layers';
import type { ModelFolder } from '../../edge-server/model-folder';
import { OnnxRuntimes } from '../../edge-server/runtimes';

/** A sample without its name, which each that is asked for has of its own. */
export type Climb = Omit<InferRequest, 'sampleKey' | 'deadlineMs'>;

/** Words that each model here knows. */
const WORDS = 'the match storm bank the keeper snow price and the runner rain'.split(' ');

/** What is asked for, of which weights, and how near an answer must be. */
export interface Setting {
  readonly variant: string;
  readonly plan: Plan;
  /** Of samples that come as texts, and as hidden states, taken in turn. */
  readonly policies: { readonly text: readonly PolicyChoice[]; readonly hiddenState: readonly PolicyChoice[] };
  /** Pages among which all that is asked for at once is shared. */
  readonly clients: number;
  /** What a logit may differ by; exits may not. */
  readonly tolerance: number;
}

const ALL_CLOUD = { id: 'all-cloud', parameters: {} };
const confidence = (mobileThreshold: number, edgeThreshold: number, cloudThreshold: number) => ({
  id: 'confidence',
  parameters: { mobileThreshold, edgeThreshold, cloudThreshold },
});

export const variantFor = (manifest: Manifest): string => defaultVariantOf(manifest, 'wasm');

/** Samples that leave at every tier, answered to the last bit by whoever answers. */
export function usualSetting(manifest: Manifest): Setting {
  const third = Math.round(manifest.layers / 3);
  const policies = [ALL_CLOUD, { id: 'all-edge', parameters: {} }, confidence(0.9, 0.9, 1)];
  return {
    variant: variantFor(manifest),
    plan: { mobileLayers: third, edgeLayers: 2 * third },
    policies: { text: policies, hiddenState: policies },
    // Of a hall, so that nothing is said twice to one.
    clients: 8,
    tolerance: 0,
  };
}

/** Samples that all cross to an engine, with nothing to compute before, which computes in fp16 weights as the edge does, but for the last bits. */
export function engineSetting(manifest: Manifest): Setting {
  const third = Math.round(manifest.layers / 3);
  return {
    variant: 'fp16' in manifest.variants ? 'fp16' : variantFor(manifest),
    plan: { mobileLayers: third, edgeLayers: third },
    policies: { text: [ALL_CLOUD], hiddenState: [ALL_CLOUD, confidence(1, 1, 0.9)] },
    // None sends more at a time than a slow line takes: only from many are all samples at the engine at once.
    clients: 200,
    tolerance: 2e-3,
  };
}

/** Samples of a model's tasks and of many lengths, as texts and as hidden states in turn, under policies in turn. */
export async function climbsOf(
  model: ModelFolder,
  { variant, plan, policies }: Setting,
  count: number,
): Promise<readonly Climb[]> {
  const { manifest } = model;
  const runtime = new OnnxRuntimes(model, { threads: 1 }).of(variant);
  const tasks = Object.keys(manifest.tasks).filter((task) => !taskOf(manifest, task).pair);
  const climbs: Climb[] = [];
  for (let index = 0; index < count; index++) {
    const task = at(tasks, index % tasks.length);
    const kind = index % 2 === 0 ? 'text' : 'hiddenState';
    const policy = at(policies[kind], Math.floor(index / 2) % policies[kind].length);
    const texts = [textOf(4 + ((index * 7) % 28), index)] as const;
    const asked = { task, policy, plan, rowSeed: index, payloadDtype: 'float16' } as const;
    if (kind === 'text') {
      climbs.push({ ...asked, priorLogits: [], input: { kind, texts }, standIn: true });
    } else {
      const { state, priorLogits } = await firstLayers(runtime, taskOf(manifest, task), texts, plan.mobileLayers);
      climbs.push({ ...asked, priorLogits, input: { kind, state } });
    }
  }
  return climbs;
}

function textOf(words: number, from: number): string {
  return Array.from({ length: words }, (_, word) => at(WORDS, (from + word * (1 + (from % 5))) % WORDS.length)).join(
    ' ',
  );
}

/** What must not depend on who answers, nor on how often it was asked: the layers run, each with its logits. */
export type Answer = readonly (readonly [layer: number, ...logits: number[]])[];

export function answerOf({ steps }: InferResult): Answer {
  return steps.map(({ layer, logits }) => [layer, ...logits] as const);
}

/** Whether two answers are the same ones, exits and all, but for a tolerance in logits. */
export function isSame(one: Answer, other: Answer, tolerance: number): boolean {
  return (
    one.length === other.length &&
    one.every(([layer, ...logits], step) => {
      const [otherLayer, ...otherLogits] = at(other, step);
      const isNear = (logit: number, index: number) => Math.abs(logit - at(otherLogits, index)) <= tolerance;
      return layer === otherLayer && logits.length === otherLogits.length && logits.every(isNear);
    })
  );
}
