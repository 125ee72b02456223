import type { Policy, PolicyParameters } from '../policies';

/** Writes one parameter, by its English label. */
export type WriteParameter = (label: string, value: number) => string;

/** Parameters as their sliders name them: “mobile threshold 0.9, edge threshold 0.8”; empty where there are none. */
export function parametersInWords(
  { parameters: specs }: Pick<Policy, 'parameters'>,
  parameters: PolicyParameters,
  write: WriteParameter = inEnglish,
): string {
  return specs
    .filter((spec) => !spec.isHidden)
    .map(({ id, label, default: preset }) => write(label, parameters[id] ?? preset))
    .join(', ');
}

export function inEnglish(label: string, value: number): string {
  return `${label.charAt(0).toLowerCase()}${label.slice(1)} ${value}`;
}
