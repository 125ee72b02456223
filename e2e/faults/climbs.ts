import type { InferRequest, InferResult } from '../../core/ladder/tier';
import { defaultVariantOf, type Manifest, taskOf } from '../../core/model/manifest';
import { at } from '../../core/numbers/at';
import { firstLayers } from '../../core/testing/first-layers';
import type { ModelFolder } from '../../edge-server/model-folder';
import { OnnxRuntimes } from '../../edge-server/runtimes';

/** A sample without its name, which each that is asked for has of its own. */
export type Climb = Omit<InferRequest, 'sampleKey' | 'deadlineMs'>;

/** Words that each model here knows. */
const WORDS = 'the match storm bank the keeper snow price and the runner rain'.split(' ');
const POLICIES = [
  { id: 'all-cloud', parameters: {} },
  { id: 'all-edge', parameters: {} },
  { id: 'confidence', parameters: { mobileThreshold: 0.9, edgeThreshold: 0.9, cloudThreshold: 1 } },
];

export const variantFor = (manifest: Manifest): string => defaultVariantOf(manifest, 'wasm');

/** Samples of a model's tasks and of many lengths, as texts and as hidden states in turn, under policies in turn. */
export async function climbsOf(model: ModelFolder, count: number): Promise<readonly Climb[]> {
  const { manifest } = model;
  const runtime = new OnnxRuntimes(model, { threads: 1 }).of(variantFor(manifest));
  const tasks = Object.keys(manifest.tasks).filter((task) => !taskOf(manifest, task).pair);
  const third = Math.round(manifest.layers / 3);
  const plan = { mobileLayers: third, edgeLayers: 2 * third };
  const climbs: Climb[] = [];
  for (let index = 0; index < count; index++) {
    const task = at(tasks, index % tasks.length);
    const policy = at(POLICIES, Math.floor(index / 2) % POLICIES.length);
    const texts = [textOf(4 + ((index * 7) % 28), index)] as const;
    const asked = { task, policy, plan, rowSeed: index, payloadDtype: 'float16' } as const;
    if (index % 2 === 0) {
      climbs.push({ ...asked, priorLogits: [], input: { kind: 'text', texts }, standIn: true });
    } else {
      const { state, priorLogits } = await firstLayers(runtime, taskOf(manifest, task), texts, plan.mobileLayers);
      climbs.push({ ...asked, priorLogits, input: { kind: 'hiddenState', state } });
    }
  }
  return climbs;
}

function textOf(words: number, from: number): string {
  return Array.from({ length: words }, (_, word) => at(WORDS, (from + word * (1 + (from % 5))) % WORDS.length)).join(
    ' ',
  );
}

/** What must not depend on who answers, nor on how often it was asked: the layers run, and their logits to the last bit. */
export function answerOf({ steps }: InferResult): string {
  return JSON.stringify(steps.map(({ layer, logits }) => [layer, ...logits]));
}
