import type { Manifest } from '../../core/model/manifest';
import type { Setting } from './climbs';
import type { Stage } from './stage';
import { faultsOf, type Tally } from './trial';

/** What a scenario came to: what was measured, and what did not hold, in words. */
export interface Findings {
  readonly figures: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
  /** Why it could not be played here, where it could not. */
  readonly skipped?: string;
}

/** Something that happens to servers or networks, and what must hold all the same. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  /** What its stage asks for, where that is not the usual. */
  readonly setting?: (manifest: Manifest) => Setting;
  play(stage: Stage): Promise<Findings>;
}

/** What a tally says, with what else was measured, and found. */
export function findings(
  tally: Tally,
  figures: Readonly<Record<string, number>> = {},
  faults: readonly string[] = [],
): Findings {
  const { asked, answered, doubled, different, seconds } = tally;
  return {
    figures: { asked, answered, doubled, different, seconds, ...figures },
    faults: [...faultsOf(tally), ...faults],
  };
}

/** A fault in words, where something does not hold. */
export function unless(holds: boolean, fault: string): readonly string[] {
  return holds ? [] : [fault];
}
