import { expect, test } from 'vitest';
import { stretchesOf } from '../layers';
import { resolvePolicy } from '../policies';
import { traceOf } from '../testing/online';
import { earlyAgreement } from './early-agreement';

// Class 0 is right everywhere; a wrong exit names class 1.
const trace = traceOf([
  { confidences: [0.95, 0.95, 0.95, 0.95] },
  { confidences: [0.95, 0.95, 0.95, 0.95], right: [false, true, true, true] },
  { confidences: [0.6, 0.95, 0.95, 0.95] },
  { confidences: [0.6, 0.6, 0.92, 0.95], right: [false, false, false, true] },
  { confidences: [0.6, 0.6, 0.6, 0.7] },
]);

function decisionOf(id: string) {
  const { policy, parameters } = resolvePolicy({ id, parameters: {} }, 4);
  return { policy, parameters, stretches: stretchesOf(policy.route, { mobileLayers: 1, edgeLayers: 3 }, 4) };
}

test.each([
  // Rows 1 to 4 leave at layers 1, 1, 2 and 3; the second and the fourth are wrong.
  ['confidence', 0, { rows: 4, agreed: 2 }],
  ['confidence', 1, { rows: 2, agreed: 1 }],
  ['confidence', 2, { rows: 1, agreed: 0 }],
  ['confidence', 3, { rows: 0, agreed: 0 }],
  ['all-cloud', 0, { rows: 0, agreed: 0 }],
])('%s, of rows that came after layer %d: %j', (id, enteredAfter, agreement) => {
  expect(earlyAgreement(trace, decisionOf(id), enteredAfter)).toEqual(agreement);
});
