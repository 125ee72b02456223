import { expect, test } from 'vitest';
import { policyById } from '../policies';
import { parametersInWords } from './trial-words';

test('parameters are called as their sliders are, and hidden ones are not said', () => {
  const parameters = { mobileThreshold: 0.935, edgeThreshold: 0.8, cloudThreshold: 1 };
  expect(parametersInWords(policyById('confidence'), parameters)).toBe(
    'mobile threshold 0.935, edge threshold 0.8, cloud threshold 1',
  );
  expect(parametersInWords(policyById('random-exit'), { probability: 0.2, draw: 7 })).toBe('probability 0.2');
  expect(parametersInWords(policyById('all-cloud'), {})).toBe('');
});
