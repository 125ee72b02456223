import type { Plan } from '../../core/layers';
import type { Configuration } from './Configuration';
import type { Settings } from './Settings.svelte';

/** The page's own configuration, which in Compare is A. */
export function pageConfiguration(
  settings: Settings,
  commands: { setPlan(change: Partial<Plan>): void },
): Configuration {
  return {
    get policy() {
      return settings.policy;
    },
    get parameters() {
      return settings.parameters;
    },
    get calibrated() {
      return settings.calibrated;
    },
    get plan() {
      return settings.plan;
    },
    setPolicy: (policy) => settings.set({ policy }),
    setParameters: (change) => settings.setParameters(change),
    setPlan: (change) => commands.setPlan(change),
  };
}
