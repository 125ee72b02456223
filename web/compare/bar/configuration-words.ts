import type { CostWeights } from '../../../core/cost';
import type { Plan } from '../../../core/layers';
import { parametersOf } from '../../../core/policies';
import type { Configuration } from '../../state/Configuration';

/** The values that its sliders show, such as “0.95 / 0.68”; empty where it has none. */
export function valuesOf({ policy, parameters }: Pick<Configuration, 'policy' | 'parameters'>, layers: number): string {
  return parametersOf(policy, layers)
    .filter((spec) => !spec.isHidden)
    .map(({ id, default: preset }) => parameters[id] ?? preset)
    .join(' / ');
}

/** Layers of each tier, such as “4 + 4 + 4”. */
export function splitOf({ mobileLayers, edgeLayers }: Plan, layers: number): string {
  return [mobileLayers, edgeLayers - mobileLayers, layers - edgeLayers].join(' + ');
}

/** Weights of a layer on each tier, and of each hop. */
export function costsInWords(costs: CostWeights): { readonly layers: string; readonly hops: string } {
  const { mobileLayer, edgeLayer, cloudLayer, mobileToEdge, edgeToCloud, mobileToCloud } = costs;
  return {
    layers: [mobileLayer, edgeLayer, cloudLayer].join('/'),
    hops: [mobileToEdge, edgeToCloud, mobileToCloud].join('/'),
  };
}
