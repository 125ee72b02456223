import { exitAt, type Exit } from '../exits';
import type { HiddenState } from '../hidden-state';
import { type LayerIndex, type Plan, toLayer } from '../layers';
import type { LayerOutput, LayerRuntime } from '../model/layer-runtime';
import { type Manifest, type Task, taskExits, taskLogits, taskOf } from '../model/manifest';
import { at } from '../numbers/at';
import { type Policy, type PolicyChoice, resolvePolicy } from '../policies';
import { type Decision, decisionIn, leaves } from '../policies/decision';
import type { Fitted } from '../policies/fitted';
import type { SampleFacts } from '../policies/policy';
import type { Asker } from '../scheduling/asker';

/** What decides where a sample leaves, as plain data: so that it can be decided on the thread where the layers run. */
export interface ExitRule {
  readonly task: string;
  readonly policy: PolicyChoice;
  readonly plan: Plan;
  readonly rowSeed?: number | undefined;
  /** The task's raw logits at every layer run so far. */
  readonly priorLogits: readonly (readonly number[])[];
  /** The last layer that may run for it in one go. */
  readonly lastLayer: LayerIndex;
}

/** Layers run in a row: what each of them says, and the state after the last. */
export interface Ascent {
  readonly outputs: readonly Pick<LayerOutput, 'logits' | 'computeMs'>[];
  readonly state: HiddenState;
}

/** A runtime that can also run layers in a row for as long as a sample stays, without asking after each. */
export interface AscendingRuntime extends LayerRuntime {
  /** From the layer after `priorLogits` on at least one, and none beyond the one where the sample leaves. */
  readonly ascend?: (state: HiddenState, rule: ExitRule, asker: Asker) => Promise<Ascent>;
}

/** Whether logits alone decide, without anything fitted and without hidden states. */
export function decidesByLogits({ needs }: Pick<Policy, 'needs'>): boolean {
  return needs.every((need) => need === 'rowSeed');
}

/** Follows one sample's climb: told the output of each next layer, says whether another is to run. */
export class Follower {
  readonly #task: Task;
  readonly #decision: Decision;
  readonly #facts: SampleFacts;
  readonly #exits: Exit[];

  /** @param fitted what the policy was fitted to, for one that needs it. */
  constructor(
    private readonly rule: ExitRule,
    manifest: Manifest,
    fitted?: Fitted,
  ) {
    const { layers } = manifest;
    const { task, policy: choice, plan, rowSeed, priorLogits } = rule;
    const { policy, parameters } = resolvePolicy(choice, layers);
    this.#task = taskOf(manifest, task);
    this.#decision = decisionIn({ plan, layers, ...(fitted && { fitted }) }, policy, parameters);
    this.#facts = { rowSeed };
    this.#exits = taskExits(this.#task, priorLogits);
  }

  /**
   * @param output of all tasks' classes.
   * @param saturation of the layer, for a policy that needs it.
   */
  staysAfter(output: ArrayLike<number>, saturation?: number): boolean {
    const layer = toLayer(this.#exits.length + 1);
    const logits = taskLogits(this.#task, output);
    // What is not finite whoever asked is to see.
    if (layer >= this.rule.lastLayer || !logits.every(Number.isFinite)) return false;
    this.#exits.push({ ...exitAt(layer, logits, at(this.#task.temperatures, layer - 1)), saturation });
    return !leaves(this.#exits, this.#decision, this.#facts);
  }
}
