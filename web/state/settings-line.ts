import { parametersInWords } from '../../core/lab/trial-words';
import type { Policy, PolicyParameters } from '../../core/policies';
import type { Plan } from '../../core/layers';
import type { Words } from '../words/en';

interface Set {
  readonly policy: Policy;
  readonly parameters: PolicyParameters;
  readonly plan: Plan;
  readonly manifest: { readonly layers: number };
}

/** Policy, parameters and plan as a line, for whoever sees a picture or a sheet of paper without the page. */
export function settingsLine({ policy, parameters, plan, manifest }: Set, words: Words): string {
  return [policyLine({ policy, parameters }, words), planLine(plan, manifest.layers, words)].join(' · ');
}

export function policyLine({ policy, parameters }: Pick<Set, 'policy' | 'parameters'>, words: Words): string {
  return [policy.name, parametersInWords(policy, parameters, words.settings.set)].filter(Boolean).join(': ');
}

export function planLine({ mobileLayers, edgeLayers }: Plan, layers: number, words: Words): string {
  return words.print.plan(mobileLayers, edgeLayers, layers);
}
