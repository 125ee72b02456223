import type { Plan } from '../layers';
import { parametersInWords } from '../lab/trial-words';
import type { Policy, PolicyParameters } from '../policies';

interface Set {
  readonly policy: Policy;
  readonly parameters: PolicyParameters;
  readonly plan: Plan;
  readonly layers: number;
}

/** Policy, parameters and plan as a line, for whoever sees a picture or a sheet of paper without the page. */
export function settingsInWords({ policy, parameters, plan, layers }: Set): string {
  return `${policyInWords(policy, parameters)} · ${planInWords(plan, layers)}`;
}

function policyInWords(policy: Policy, parameters: PolicyParameters): string {
  return [policy.name, parametersInWords(policy, parameters)].filter(Boolean).join(': ');
}

function planInWords({ mobileLayers, edgeLayers }: Plan, layers: number): string {
  return `device to layer ${mobileLayers}, edge to ${edgeLayers}, cloud to ${layers}`;
}
