import type { TaskRow } from '../../core/lab/trial-result';
import { parametersInWords } from '../../core/lab/trial-words';
import type { Configuration } from '../state/Configuration';

/** Whether a configuration has the policy of a line and its parameters, as far as there are sliders for them. */
export function isSameChoice(
  { policy, parameters }: Pick<Configuration, 'policy' | 'parameters'>,
  row: Pick<TaskRow, 'policy' | 'parameters'>,
): boolean {
  return (
    policy.id === row.policy && parametersInWords(policy, parameters) === parametersInWords(policy, row.parameters)
  );
}
