import { clampPlan, movedPlan, type Plan } from '../../core/layers';
import { calibratedParameters, type Policy, policyById, type PolicyParameters } from '../../core/policies';
import type { Manifest, Task } from '../../core/model/manifest';
import type { Fields } from '../../core/view/fields';
import { presetParameters } from '../../core/view/preset-parameters';
import type { Configuration } from './Configuration';

/** What of the page's settings it is made of. */
interface SettingsOfB {
  readonly fields: Readonly<Fields>;
  readonly manifest: Manifest;
  readonly task: Task;
  set(change: Partial<Fields>): void;
}

/** What Compare sets against the page's own configuration: B. Policy and split are fields of the settings. */
export class SecondConfiguration implements Configuration {
  /** Moved by the person, by task and policy. */
  #moved: Readonly<Record<string, PolicyParameters>> = $state.raw({});

  constructor(private readonly settings: SettingsOfB) {}

  readonly policy: Policy = $derived.by(() => policyById(this.settings.fields.policyB));

  readonly calibrated: PolicyParameters = $derived.by(() => {
    const { manifest, task } = this.settings;
    return calibratedParameters(this.policy, manifest.layers, task.thresholds);
  });

  readonly parameters: PolicyParameters = $derived.by(() => {
    const { fields, manifest } = this.settings;
    return { ...presetParameters(this.policy, fields.task, manifest), ...this.#moved[this.#key] };
  });

  readonly plan: Plan = $derived.by(() => {
    const { mobileLayersB: mobileLayers, edgeLayersB: edgeLayers } = this.settings.fields;
    return clampPlan({ mobileLayers, edgeLayers }, this.settings.manifest.layers);
  });

  get #key(): string {
    return `${this.settings.fields.task} ${this.policy.id}`;
  }

  setPolicy(id: string): void {
    this.settings.set({ policyB: id });
  }

  setParameters(change: PolicyParameters): void {
    this.#moved = { ...this.#moved, [this.#key]: { ...this.#moved[this.#key], ...change } };
  }

  setPlan(change: Partial<Plan>): void {
    const { mobileLayers, edgeLayers } = movedPlan(this.plan, change, this.settings.manifest.layers);
    this.settings.set({ mobileLayersB: mobileLayers, edgeLayersB: edgeLayers });
  }

  /** Those of a link for the policy that is set; what was moved for any other is forgotten. */
  takeParameters(parameters: PolicyParameters): void {
    this.#moved = { [this.#key]: parameters };
  }
}
