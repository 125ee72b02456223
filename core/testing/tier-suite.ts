import { describe } from 'vitest';
import { testClimbing } from './tier-suite/climbing';
import { testPolicies } from './tier-suite/policies';
import { testRefusals } from './tier-suite/refusals';
import { testReports } from './tier-suite/reports';
import { type MakeTier, worldsOf } from './tier-suite/world';

export type { TierParts } from './tier-suite/world';

/** What every tier keeps to, wherever it runs: registers the tests for one way of making an edge tier. */
export function testTier(name: string, make: MakeTier): void {
  describe(`${name} as a tier`, () => {
    const inWorld = worldsOf(make);
    for (const register of [testClimbing, testPolicies, testRefusals, testReports]) register(inWorld);
  });
}
