import { expect, it } from 'vitest';
import { DEFAULT_COSTS } from '../../../core/cost';
import { policyById } from '../../../core/policies';
import { costsInWords, splitOf, valuesOf } from './configuration-words';

it('a configuration is as short as its sliders are many', () => {
  const parameters = { mobileThreshold: 0.95, edgeThreshold: 0.68 };
  expect(valuesOf({ policy: policyById('confidence'), parameters }, 12)).toBe('0.95 / 0.68 / 1');
  expect(valuesOf({ policy: policyById('all-cloud'), parameters: {} }, 12)).toBe('');
  expect(splitOf({ mobileLayers: 4, edgeLayers: 8 }, 12)).toBe('4 + 4 + 4');
  expect(splitOf({ mobileLayers: 3, edgeLayers: 3 }, 12)).toBe('3 + 0 + 9');
});

it('costs are weights of layers and of hops', () => {
  expect(costsInWords(DEFAULT_COSTS)).toEqual({ layers: '1/1/1', hops: '2/3/5' });
});
