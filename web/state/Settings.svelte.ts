import type { CostWeights } from '../../core/cost';
import type { Decision } from '../../core/ladder/decision';
import { clampPlan, type Plan, stretchesOf } from '../../core/layers';
import { type Manifest, type Task, taskOf } from '../../core/model/manifest';
import { defaultParameters, type Policy, policyById, type PolicyParameters } from '../../core/policies';
import { exampleText } from './examples';
import { type Fields, type FieldTable, fieldTable } from './fields';
import { readLink, writeLink } from './link';

/** Everything a person has set. Values go in through verbs that keep them valid; the rest is derived. */
export class Settings {
  readonly table: FieldTable;
  /** Each field on its own: a letter typed must not replay the dev split. */
  readonly #fields: Fields;
  #parameters: Readonly<Record<string, PolicyParameters>> = $state.raw({});

  constructor(readonly manifest: Manifest) {
    this.table = fieldTable(manifest);
    const defaults = Object.fromEntries(Object.entries(this.table).map(([name, field]) => [name, field.default]));
    const fields = $state(defaults as unknown as Fields);
    this.#fields = fields;
    this.showExamples();
  }

  get fields(): Readonly<Fields> {
    return this.#fields;
  }

  get task(): Task {
    return taskOf(this.manifest, this.#fields.task);
  }

  readonly policy: Policy = $derived.by(() => policyById(this.#fields.policy));

  readonly parameters: PolicyParameters = $derived.by(() => ({
    ...defaultParameters(this.policy),
    ...this.#parameters[this.policy.id],
  }));

  readonly plan: Plan = $derived.by(() => clampPlan(this.#fields, this.manifest.layers));

  readonly costs: CostWeights = $derived.by(() => {
    const { mobileLayer, edgeLayer, cloudLayer, mobileToEdge, edgeToCloud, mobileToCloud } = this.#fields;
    return { mobileLayer, edgeLayer, cloudLayer, mobileToEdge, edgeToCloud, mobileToCloud };
  });

  readonly decision: Decision = $derived.by(() => ({
    policy: this.policy,
    parameters: this.parameters,
    stretches: stretchesOf(this.policy.route, this.plan, this.manifest.layers),
  }));

  set(change: Partial<Fields>): void {
    Object.assign(this.#fields, change);
  }

  /** Moves m or n; the other gives way where `m ≤ n` would break. */
  setPlan(change: Partial<Plan>): void {
    const { mobileLayers, edgeLayers } = { ...this.plan, ...change };
    if (change.edgeLayers === undefined) this.set(clampPlan({ mobileLayers, edgeLayers }, this.manifest.layers));
    else this.set({ mobileLayers: Math.min(mobileLayers, edgeLayers), edgeLayers });
  }

  setParameters(change: PolicyParameters): void {
    this.#parameters = { ...this.#parameters, [this.policy.id]: { ...this.parameters, ...change } };
  }

  /** Another task brings its own examples, unless the sentences are the person's own and fit it. */
  setTask(task: string): void {
    const isOwnText = this.#fields.text !== exampleText(this.#fields.task, this.#fields.seed);
    const wasPair = this.task.pair;
    this.set({ task });
    if (!isOwnText || this.task.pair !== wasPair) this.showExamples();
  }

  showExamples(seed = this.#fields.seed): void {
    this.set({ seed, text: exampleText(this.#fields.task, seed) });
  }

  link(): Promise<string> {
    return writeLink(this.#fields, this.parameters, this.manifest);
  }

  /** Takes over a link; what was wrong in it is answered in words, and the defaults stand. */
  async applyLink(hash: string): Promise<readonly string[]> {
    const { fields, parameters, problems } = await readLink(hash, this.manifest);
    this.set(fields);
    if (fields.task !== undefined && fields.text === undefined) this.showExamples();
    this.setParameters(parameters);
    return problems;
  }
}
