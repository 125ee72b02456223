import type { Plan } from '../../core/layers';
import type { Policy, PolicyParameters } from '../../core/policies';

/** A policy, its parameters and the split that samples climb under, with the verbs that change them. */
export interface Configuration {
  readonly policy: Policy;
  /** All of the policy's. */
  readonly parameters: PolicyParameters;
  /** Thresholds that the model brings for the task and this policy. */
  readonly calibrated: PolicyParameters;
  readonly plan: Plan;
  setPolicy(id: string): void;
  setParameters(change: PolicyParameters): void;
  setPlan(change: Partial<Plan>): void;
}

/** What of a configuration another can take over. */
export type ConfigurationValues = Pick<Configuration, 'policy' | 'parameters' | 'plan'>;

/** Takes over policy, parameters and split of another. */
export function takeOver(target: Configuration, { policy, parameters, plan }: ConfigurationValues): void {
  target.setPolicy(policy.id);
  target.setParameters(parameters);
  target.setPlan(plan);
}

/** Each takes over what the other has. */
export function swap(one: Configuration, other: Configuration): void {
  const values = ({ policy, parameters, plan }: Configuration) => ({ policy, parameters, plan });
  const [before, after] = [values(one), values(other)];
  takeOver(one, after);
  takeOver(other, before);
}
