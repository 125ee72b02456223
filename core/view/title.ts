import { type Manifest, taskOf } from '../model/manifest';
import { policyById } from '../policies';
import type { Fields } from './fields';

/** What a view is called where it is seen without the page: in a frame, and in the preview of a link. */
export function titleOf({ task, policy }: Pick<Fields, 'task' | 'policy'>, manifest: Manifest): string {
  return `${taskOf(manifest, task).name} with ${policyById(policy).name} · DIMEE Playground`;
}
