import { type Manifest, taskOf } from '../model/manifest';
import { calibratedParameters, defaultParameters, type Policy, type PolicyParameters } from '../policies';

/** The parameters of a policy on a task where nobody has moved any: those chosen for the task, defaults for the rest. */
export function presetParameters(policy: Policy, task: string, manifest: Manifest): PolicyParameters {
  const { thresholds } = taskOf(manifest, task);
  return {
    ...defaultParameters(policy, manifest.layers),
    ...calibratedParameters(policy, manifest.layers, thresholds),
  };
}
