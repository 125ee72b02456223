import type { TierName } from '../layers';
import type { Policy } from './policy';

/** Every sample goes whole to one tier and leaves at that tier's last layer; no exit is looked at. */
function everything(tier: TierName, name: string, rule: string): Policy {
  return {
    id: `all-${tier}`,
    name,
    role: 'baseline',
    group: 'Baselines',
    isYardstick: true,
    rule,
    source: 'baseline',
    route: tier,
    needs: [],
    parameters: [],
    score: () => 0,
    threshold: () => Number.POSITIVE_INFINITY,
  };
}

export const allMobile = everything('mobile', 'All mobile', 'all layers of this device, 1 to m, answered there');
export const allEdge = everything('edge', 'All edge', 'the text goes to the edge: layers 1 to n, answered there');
export const allCloud = everything('cloud', 'All cloud', 'the text goes to the cloud: every layer, answered there');

/** What becomes of a sample whose tier has been chosen. */
export const allOf: Readonly<Record<TierName, Policy>> = { mobile: allMobile, edge: allEdge, cloud: allCloud };
