import { costPartsAt, type CostParts, type CostWeights } from './cost';
import type { Exit } from './exits';
import { type Decision, findExit } from './ladder/decision';
import type { LayerStep } from './ladder/tier';
import { stretchAt, type Stretch, type TierName } from './layers';
import type { SampleFacts } from './policies/policy';
import type { SampleResult } from './worker-messages';

/** A hop from the mobile tier and back, without the compute behind it. */
interface Hop {
  readonly afterLayer: number;
  readonly overheadMs: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** All that is known of one sample: every layer it ever ran, however far its exit is now. */
export interface Climbed {
  readonly exits: readonly Exit[];
  readonly steps: readonly LayerStep[];
  readonly hops: readonly Hop[];
  readonly tokens: number;
  /** Layers run for it in all, those run twice counted twice. */
  readonly layerRuns: number;
  readonly ranLocally: string | undefined;
}

export const NOT_CLIMBED: Climbed = {
  exits: [],
  steps: [],
  hops: [],
  tokens: 0,
  layerRuns: 0,
  ranLocally: undefined,
};

/** Adds what a run found out; `exitsFrom` calibrates the raw logits of layers 1..k. */
export function climbedFurther(
  before: Climbed,
  result: SampleResult,
  exitsFrom: (logits: (readonly number[])[]) => Exit[],
): Climbed {
  const steps = [...before.steps.slice(0, result.stepsAfter), ...result.steps];
  const [first] = result.crossings.filter((crossing) => crossing.from === 'mobile');
  const remoteMs = result.steps.reduce((sum, step) => (step.tier === 'mobile' ? sum : sum + step.computeMs), 0);
  const hop = first && { ...first, overheadMs: Math.max(first.roundTripMs - remoteMs, 0) };
  return {
    steps,
    exits: exitsFrom(steps.map((step) => step.logits)).map((exit, index) => ({
      ...exit,
      saturation: steps[index]?.saturation,
    })),
    hops: hop ? [...before.hops.filter(({ afterLayer }) => afterLayer < hop.afterLayer), hop] : before.hops,
    tokens: result.tokens,
    layerRuns: before.layerRuns + result.steps.length,
    ranLocally: result.ranLocally ?? before.ranLocally,
  };
}

/** Where a sample leaves under a decision, and what that took up to there. */
export interface Outcome {
  readonly exit: Exit;
  readonly tier: TierName;
  readonly costParts: CostParts;
  readonly cost: number;
  /** Measured compute and transport up to the exit. */
  readonly latencyMs: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** The outcome, or undefined where the sample must climb on to know. */
export function outcomeOf(
  climbed: Climbed,
  decision: Decision,
  costs: CostWeights,
  sample?: SampleFacts,
): Outcome | undefined {
  const exit = findExit(climbed.exits, decision, sample);
  if (!exit) return undefined;
  const stretches = climbed.ranLocally ? allOnMobile(decision.stretches) : decision.stretches;
  const costParts = costPartsAt(exit.layer, stretches, costs);
  const steps = climbed.steps.slice(0, exit.layer);
  const hops = climbed.hops.filter(({ afterLayer }) => afterLayer < exit.layer);
  return {
    exit,
    tier: stretchAt(stretches, exit.layer)?.tier ?? 'mobile',
    costParts,
    cost: costParts.mobile + costParts.edge + costParts.cloud + costParts.offloading,
    latencyMs: sum(steps, ({ computeMs }) => computeMs) + sum(hops, ({ overheadMs }) => overheadMs),
    bytesUp: sum(hops, ({ bytesUp }) => bytesUp),
    bytesDown: sum(hops, ({ bytesDown }) => bytesDown),
  };
}

function allOnMobile(stretches: readonly Stretch[]): readonly Stretch[] {
  return stretches.map((stretch) => ({ ...stretch, tier: 'mobile' }));
}

function sum<Item>(items: readonly Item[], valueOf: (item: Item) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0);
}
