import { DimeeError } from '../core/errors';
import { defaultPlan, type Plan } from '../core/layers';
import type { Manifest } from '../core/model/manifest';
import { LIMITS } from '../core/protocol/limits';
import { optional, type Options, wholeNumber } from '../edge-server/command-line';

/** Which tier runs which layers. */
export const PLAN_OPTIONS = {
  mobileLayers: {
    placeholder: 'N',
    help: 'Last layer of the mobile tier (default a third of the model’s layers)',
    read: optional(wholeNumber(1, LIMITS.maxLayers)),
  },
  edgeLayers: {
    placeholder: 'N',
    help: 'Last layer of the edge tier (default two thirds of them)',
    read: optional(wholeNumber(1, LIMITS.maxLayers)),
  },
} as const satisfies Options;

/** What was given of a plan. */
export interface AskedPlan {
  readonly mobileLayers: number | undefined;
  readonly edgeLayers: number | undefined;
}

/**
 * The plan for a model; what was not given follows from its layers, and from what was.
 * @throws DimeeError `BAD_INPUT` for a plan that the model cannot have.
 */
export function planFor(asked: AskedPlan, { layers }: Manifest): Plan {
  const preset = defaultPlan(layers);
  const mobileLayers = asked.mobileLayers ?? Math.min(preset.mobileLayers, asked.edgeLayers ?? layers);
  const edgeLayers = asked.edgeLayers ?? Math.max(preset.edgeLayers, mobileLayers);
  if (mobileLayers > layers || edgeLayers > layers) {
    const [flag, value] = mobileLayers > layers ? ['--mobile-layers', mobileLayers] : ['--edge-layers', edgeLayers];
    throw new DimeeError('BAD_INPUT', `${flag} must be at most ${layers}, the layers of this model; not ${value}.`);
  }
  if (mobileLayers > edgeLayers) {
    const problem = `--edge-layers must be at least --mobile-layers, ${mobileLayers}; not ${edgeLayers}.`;
    throw new DimeeError('BAD_INPUT', problem);
  }
  return { mobileLayers, edgeLayers };
}
