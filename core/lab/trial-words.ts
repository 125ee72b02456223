import type { Policy, PolicyParameters } from '../policies';

/** Parameters as their sliders name them: “mobile threshold 0.9, edge threshold 0.8”; empty where there are none. */
export function parametersInWords(
  { parameters: specs }: Pick<Policy, 'parameters'>,
  parameters: PolicyParameters,
): string {
  return specs
    .filter((spec) => !spec.isHidden)
    .map(({ id, label, default: preset }) => `${withSmallInitial(label)} ${parameters[id] ?? preset}`)
    .join(', ');
}

function withSmallInitial(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
