import { expect, test } from 'vitest';
import { fileName } from './download';

test('a file’s name is its words in lower case, with single hyphens', () => {
  expect(fileName(['Cost savings', 'sst2'], 'png')).toBe('dimee-cost-savings-sst2.png');
  expect(fileName(['Exit, by layer (%)', 'confidence-per-exit'], 'csv')).toBe(
    'dimee-exit-by-layer-confidence-per-exit.csv',
  );
});
