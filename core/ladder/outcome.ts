import { at } from '../numbers/at';
import { costPartsAt, type CostParts, type CostWeights, sumOfParts } from '../cost';
import type { Exit } from '../exits';
import { type Decision, decisionFor, findExit } from '../policies/decision';
import type { LayerStep } from './tier';
import { type LayerIndex, tierAt, type Stretch, type TierName } from '../layers';
import type { SampleFacts } from '../policies/policy';
import type { PoolDistances } from '../policies/pool-distances';
import type { SampleResult } from './hybrid-tier';
import type { Reading } from '../model/reading';
import { type SampleTimes, timesOf } from './spans';

/** A hop from the mobile tier and back, without the compute behind it. */
interface Hop {
  readonly afterLayer: LayerIndex;
  readonly overheadMs: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** All that is known of one sample: every layer it ever ran, however far its exit is now. */
export interface Climbed {
  readonly exits: readonly Exit[];
  readonly steps: readonly LayerStep[];
  readonly hops: readonly Hop[];
  /** What its time went to, run by run. */
  readonly runs: readonly SampleTimes[];
  readonly tokens: number;
  readonly reading: Reading | undefined;
  /** Layers run for it in all, those run twice counted twice. */
  readonly layerRuns: number;
  readonly ranLocally: string | undefined;
  readonly ranAtEdge: string | undefined;
  /** How far it is from the pools, where a policy asked for that. */
  readonly distances: PoolDistances | undefined;
}

export const NOT_CLIMBED: Climbed = {
  exits: [],
  steps: [],
  hops: [],
  runs: [],
  tokens: 0,
  reading: undefined,
  layerRuns: 0,
  ranLocally: undefined,
  ranAtEdge: undefined,
  distances: undefined,
};

/** Adds what a run found out; `exitsFrom` calibrates the raw logits of layers 1..k. */
export function climbedFurther(
  before: Climbed,
  result: SampleResult,
  exitsFrom: (logits: (readonly number[])[]) => Exit[],
): Climbed {
  // What went further before is still known: a policy that sends samples whole may have stopped short of it.
  const end = result.stepsAfter + result.steps.length;
  const steps = [...before.steps.slice(0, result.stepsAfter), ...result.steps, ...before.steps.slice(end)];
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
    runs: [...before.runs, timesOf(result)],
    tokens: result.tokens,
    reading: result.reading ?? before.reading,
    layerRuns: before.layerRuns + result.steps.length,
    ranLocally: result.ranLocally ?? before.ranLocally,
    // A sample that began anew tells itself who ran its first layers.
    ranAtEdge: result.ranAtEdge ?? (result.stepsAfter > 0 ? before.ranAtEdge : undefined),
    distances: result.distances ?? before.distances,
  };
}

/** Where a sample leaves under a decision, and what that took up to there. */
export interface Outcome {
  /** Where it left, with the label and probabilities answered there. */
  readonly exit: Exit;
  /** What the mobile tier's last exit could answer before a farther tier refined it, where the policy does that. */
  readonly firstAnswer: Exit | undefined;
  readonly tier: TierName;
  /** Who ran which layers. */
  readonly stretches: readonly Stretch[];
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
  facts: SampleFacts = {},
): Outcome | undefined {
  const sample = { ...facts, distances: climbed.distances };
  const own = decisionFor(sample, decision);
  const exit = findExit(climbed.exits, decision, sample);
  if (!exit || !own) return undefined;
  const stretches = asTheyRan(own.stretches, climbed);
  const costParts = costPartsAt(exit.layer, stretches, costs);
  const steps = climbed.steps.slice(0, exit.layer);
  const hops = climbed.hops.filter(({ afterLayer }) => afterLayer < exit.layer);
  return {
    exit,
    firstAnswer: firstAnswerBefore(exit, climbed.exits, decision),
    tier: tierAt(stretches, exit.layer),
    stretches,
    costParts,
    cost: sumOfParts(costParts),
    latencyMs: sum(steps, ({ computeMs }) => computeMs) + sum(hops, ({ overheadMs }) => overheadMs),
    bytesUp: sum(hops, ({ bytesUp }) => bytesUp),
    bytesDown: sum(hops, ({ bytesDown }) => bytesDown),
  };
}

function firstAnswerBefore(exit: Exit, exits: readonly Exit[], { policy, stretches }: Decision): Exit | undefined {
  const nearLayer = at(stretches, 0).lastLayer;
  return policy.predict && exit.layer > nearLayer ? exits[nearLayer - 1] : undefined;
}

/** Who ran them in truth, where one tier stood in for another. */
function asTheyRan(stretches: readonly Stretch[], { ranLocally, ranAtEdge }: Climbed): readonly Stretch[] {
  if (ranLocally !== undefined) return stretches.map((stretch) => ({ ...stretch, tier: 'mobile' }));
  if (ranAtEdge === undefined) return stretches;
  return stretches.map((stretch) => (stretch.tier === 'mobile' ? { ...stretch, tier: 'edge' } : stretch));
}

function sum<Item>(items: readonly Item[], valueOf: (item: Item) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0);
}
