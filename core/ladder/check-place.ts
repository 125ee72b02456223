import { DimeeError } from '../errors';
import type { Plan } from '../layers';
import { type Manifest, taskOf } from '../model/manifest';

/** Where a sample says that it stands. */
interface Place {
  readonly task: string;
  readonly plan: Plan;
  readonly priorLogits: readonly (readonly number[])[];
}

/** @throws DimeeError `BAD_INPUT` for a plan that is none, or logits that are not the task's. */
export function checkPlace({ task, plan, priorLogits }: Place, manifest: Manifest): void {
  const { layers } = manifest;
  const { name, labels } = taskOf(manifest, task);
  const { mobileLayers, edgeLayers } = plan;
  if (!(mobileLayers >= 1 && mobileLayers <= edgeLayers && edgeLayers <= layers)) {
    const given = `${mobileLayers} and ${edgeLayers}`;
    throw new DimeeError('BAD_INPUT', `A plan must have 1 ≤ mobile layers ≤ edge layers ≤ ${layers}, not ${given}.`);
  }
  if (priorLogits.some((logits) => logits.length !== labels.length)) {
    throw new DimeeError('BAD_INPUT', `${name} has ${labels.length} logits at every layer.`);
  }
}
