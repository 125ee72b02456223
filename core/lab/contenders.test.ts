import { expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import { onlinePolicyById } from '../online';
import { policyById } from '../policies';
import { NOTHING_FITTED } from '../policies/fitted';
import { traceOf } from '../testing/online';
import { CONTENDERS, tryContender } from './contenders';
import { tryOnline } from './online-trial';
import { tryPolicy } from './policy-trial';

const evaluation = traceOf(
  Array.from({ length: 6 }, (_, row) => ({ confidences: new Array<number>(12).fill(0.6 + row / 20) })),
);
const plan = { mobileLayers: 4, edgeLayers: 8 };
const setting = { evaluation, fitted: NOTHING_FITTED, layers: 12, hidden: 384, plan, costs: DEFAULT_COSTS };
const aim = { kind: 'allowedLoss', points: 0.3 } as const;

test('each has a name of its own', () => {
  for (const key of ['id', 'name'] as const) {
    expect(new Set(CONTENDERS.map((contender) => contender[key])).size).toBe(CONTENDERS.length);
  }
});

test('a policy of either kind is tried in its own way', () => {
  const fixed = policyById('all-edge');
  expect(tryContender(fixed, setting, aim)).toEqual(tryPolicy(fixed, setting, aim));
  const online = onlinePolicyById('splitee');
  expect(tryContender(online, setting, aim)).toMatchObject({
    ...{ policy: { id: 'splitee' }, isAimReached: null, missing: null },
    ...{ parameters: { threshold: 0.8, cloudShare: 1 }, outcome: tryOnline(online, setting) },
  });
});

test('an online policy without rows says what it lacks', () => {
  const trial = tryContender(onlinePolicyById('splitee'), { ...setting, evaluation: undefined }, aim);
  expect(trial).toMatchObject({ missing: expect.stringContaining('dev split'), outcome: null });
});
