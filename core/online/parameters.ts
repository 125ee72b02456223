import type { ParameterSpec } from '../policies';

/** w, what one unit of cost (a layer on the cloud) takes from the reward. */
export function costWeightRow(defaultWeight: number): ParameterSpec {
  return {
    id: 'costWeight',
    label: 'Cost weight',
    min: 0,
    max: 0.3,
    step: 0.0005,
    default: defaultWeight,
    hint: 'What one layer on the cloud takes from the reward of a sentence.',
  };
}

/** β, how much an arm gains by being little known. */
export function explorationRow(defaultWeight: number): ParameterSpec {
  return {
    id: 'exploration',
    label: 'Exploration',
    min: 0,
    max: 3,
    step: 0.05,
    default: defaultWeight,
    hint: 'The higher, the longer choices are tried that have earned less so far.',
  };
}
