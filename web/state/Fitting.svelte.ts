import { type Policy, policyById } from '../../core/policies';
import type { Decision } from '../../core/policies/decision';
import { type Fitted, NOTHING_FITTED } from '../../core/policies/fitted';
import { isFitted, needsFiles } from '../../core/policies/needs';
import type { PolicyFiles } from '../../core/trace/policy-files';
import { Loaded } from './Loaded.svelte';
import type { Settings } from './Settings.svelte';

const ADVICE = 'Try again, or choose another policy.';

/** The decision that the settings make, as soon as what its policy was fitted to is here. */
export class Fitting {
  readonly #fitted: Loaded<readonly [policy: string, task: string], Fitted>;

  constructor(
    private readonly settings: Settings,
    files: Pick<PolicyFiles, 'fittedFor'>,
  ) {
    this.#fitted = new Loaded(
      ([policy, task]) => files.fittedFor(policyById(policy), task),
      (reason, [policy]) => `What “${policyById(policy).name}” needs could not be loaded: ${reason} ${ADVICE}`,
    );
  }

  /** Undefined while the page waits for what the policy was fitted to, and where the model brings none of it. */
  readonly decision: Decision | undefined = $derived.by(() => {
    const { policy, parameters, stretches, fields } = this.settings;
    const fitted = needsFiles(policy) ? this.#fitted.value([policy.id, fields.task]) : NOTHING_FITTED;
    if (!fitted || !isFitted(policy, fitted)) return undefined;
    return { policy, parameters, stretches, fitted };
  });

  /** Why it could not be fetched. */
  get problem(): string | undefined {
    return this.#fitted.problem([this.settings.policy.id, this.settings.fields.task]);
  }

  /** Fetches what the policy needs for a task, unless it is here already. */
  async load(policy: Policy, task: string): Promise<void> {
    if (needsFiles(policy)) await this.#fitted.load([policy.id, task]);
  }
}
