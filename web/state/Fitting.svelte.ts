import { messageOf } from '../../core/errors';
import type { Decision } from '../../core/policies/decision';
import type { Policy } from '../../core/policies';
import { type Fitted, NOTHING_FITTED } from '../../core/policies/fitted';
import { isFitted, needsFiles } from '../../core/policies/needs';
import type { PolicyFiles } from '../../core/trace/policy-files';
import type { Settings } from './Settings.svelte';

/** The decision that the settings make, as soon as what its policy was fitted to is here. */
export class Fitting {
  /** By policy and task. */
  #fitted: ReadonlyMap<string, Fitted> = $state.raw(new Map());
  #problems: ReadonlyMap<string, string> = $state.raw(new Map());

  constructor(
    private readonly settings: Settings,
    private readonly files: Pick<PolicyFiles, 'fittedFor'>,
  ) {}

  /** Undefined while the page waits for what the policy was fitted to, and where the model brings none of it. */
  readonly decision: Decision | undefined = $derived.by(() => {
    const { policy, parameters, stretches } = this.settings;
    const fitted = needsFiles(policy) ? this.#fitted.get(this.#key) : NOTHING_FITTED;
    if (!fitted || !isFitted(policy, fitted)) return undefined;
    return { policy, parameters, stretches, fitted };
  });

  /** Why it could not be fetched. */
  get problem(): string | undefined {
    return this.#problems.get(this.#key);
  }

  get #key(): string {
    return keyOf(this.settings.policy, this.settings.fields.task);
  }

  /** Fetches what the policy needs for a task, unless it is here already. */
  async load(policy: Policy, task: string): Promise<void> {
    const key = keyOf(policy, task);
    if (!needsFiles(policy) || this.#fitted.has(key)) return;
    try {
      const fitted = await this.files.fittedFor(policy, task);
      this.#fitted = new Map(this.#fitted).set(key, fitted);
      this.#problems = new Map([...this.#problems].filter(([other]) => other !== key));
    } catch (error) {
      const reason = messageOf(error);
      const advice = 'Choose another policy, or reload the page to try again.';
      this.#problems = new Map(this.#problems).set(
        key,
        `What “${policy.name}” needs could not be loaded: ${reason} ${advice}`,
      );
    }
  }
}

function keyOf({ id }: Policy, task: string): string {
  return `${id} ${task}`;
}
