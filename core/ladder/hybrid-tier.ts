import { abortable } from '../abortable';
import { DimeeError, errorData, hasCode } from '../errors';
import type { HeldStates } from './held-states';
import { LadderTier, type LadderTierOptions, type Schedule } from './ladder-tier';
import { isLack, OwnLayers, type PrepareLayers } from './own-layers';
import { enteredAfter, type InferRequest, type InferResult, type LayerStep, type Stay, type Tier } from './tier';
import type { LayerRuntime } from '../model/layer-runtime';
import {
  lastLayerOf,
  layerAfter,
  type LayerIndex,
  layersUpTo,
  type Plan,
  type Stretch,
  stretchAt,
  stretchesOf,
  TIERS,
  toLayer,
} from '../layers';
import type { Manifest } from '../model/manifest';
import { type Reading, readTexts } from '../model/reading';
import type { Texts } from '../model/tokens';
import type { PayloadDtype } from '../payload/dtypes';
import { type Policy, type PolicyChoice, resolvePolicy } from '../policies';
import { rowSeedFor } from '../policies/needs';
import { measureDistances, type PoolDistances } from '../policies/pool-distances';
import type { FittedSource } from '../policies/needs';

/** What a run of samples has in common. */
export interface RunSettings {
  readonly task: string;
  readonly policy: PolicyChoice;
  readonly plan: Plan;
  readonly payloadDtype: PayloadDtype;
  /** Whether each result has the sample's distances to the pools, too, where the model brings pools for the task. */
  readonly measurePools?: true | undefined;
  /**
   * While this device still loads its model, the edge may run samples from the first layer on; their readings come after
   * their results. For a sentence or two that somebody waits for: of many, the picture would be another than this device's.
   */
  readonly mayBeginAtEdge?: boolean | undefined;
}

export interface RunSample {
  readonly sampleKey: string;
  readonly texts: Texts;
  /** The task's raw logits at the layers run so far; empty for a new sample. */
  readonly priorLogits: readonly (readonly number[])[];
}

export interface SampleResult extends InferResult {
  /** The layers of `steps` start after this many earlier ones. Less than was asked for where a state was lost. */
  readonly stepsAfter: number;
  /** Why the mobile tier ran the deeper layers itself, where it did. */
  readonly ranLocally: string | undefined;
  /** Unknown where the tokeniser could not be had, or comes late. */
  readonly reading: Reading | undefined;
  /** Why the edge ran the mobile tier's layers, too, where it did. */
  readonly ranAtEdge?: string | undefined;
  /** When its turn came, in milliseconds of this tier's clock. */
  readonly startedAt: number;
  /** From the sample's turn to its answer. */
  readonly totalMs: number;
}

/** A runtime that is fetched piece by piece while it is used. */
export interface DeviceRuntime extends LayerRuntime {
  /** What its calls have waited so far, in milliseconds, which no layer's time and no deadline should count. */
  readonly waitedMs: number;
  readonly prepare: PrepareLayers;
  /** Layers 1 to `lastLayer` wait for nothing any more. */
  isReady(lastLayer: LayerIndex): boolean;
}

export interface HybridTierOptions {
  readonly manifest: Manifest;
  readonly runtime: DeviceRuntime;
  readonly heldStates: HeldStates;
  readonly policyFiles?: FittedSource | undefined;
  /** One sample computes at a time. */
  readonly schedule: Schedule;
  /** The way to the edge, or undefined to do without one. */
  readonly edge: Tier | undefined;
  /** Resolves when the edge can be asked: at once where it is there. */
  readonly edgeOpens?: () => Promise<void>;
  /** Resolves when the edge, which was away, may be asked again. */
  readonly edgeBack?: () => Promise<void>;
  /** Hears how many samples wait for the edge or for layers that this device lacks. */
  readonly onWaiting?: (samples: number) => void;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
}

/** Hears what there is to tell of a sample beside its result. */
export interface ClimbListener {
  /** Before the result, where a farther tier refines this tier's answer: the logits so far. */
  readonly provisional?: (logits: InferRequest['priorLogits']) => void;
  /** After a result that came before its reading. */
  readonly lateReading?: (reading: Reading) => void;
}

/** Where a sample starts to climb. */
type Start = Pick<InferRequest, 'priorLogits' | 'input' | 'standIn'>;

/** What came of a sample, and who stood in for whom. */
type Answer = { readonly result: InferResult } & Pick<SampleResult, 'ranLocally' | 'ranAtEdge'>;

/** One sample on its way, over all attempts. */
interface Climbing {
  readonly sample: RunSample;
  readonly run: RunSettings;
  readonly policy: Policy;
  readonly rowSeed: number | undefined;
  readonly stretches: readonly Stretch[];
  readonly signal: AbortSignal;
  /** Called with the logits so far when the sample goes on to the edge and its answer will be refined there. */
  readonly onProvisional: ClimbListener['provisional'];
  /** The edge may stand in, since this device still loads what the sample needs. */
  isEarly: boolean;
  /** The latest step of every layer that this tier ran, of failed attempts too. */
  readonly ownSteps: Map<LayerIndex, LayerStep>;
  /** The lowest layer that an attempt started after. */
  stepsAfter: LayerIndex;
}

const DEADLINE_MS = 30_000;
const STILL_LOADING = new DimeeError('MODEL_UNAVAILABLE', 'The model was still loading on this device.');
const NO_EDGE = new DimeeError('TIER_UNAVAILABLE', 'No edge server is set.');

/**
 * Takes samples to their exits: this tier's layers here, deeper ones at the edge. All run here where the edge does not help,
 * and all at the edge where this device cannot run its own; a sample that neither can take waits for whichever comes first.
 * What an attempt has computed here is kept for the next one.
 */
export class HybridTier {
  readonly #withEdge: LadderTier;
  readonly #alone: LadderTier;
  readonly #edge: Tier;
  readonly #ownLayers: OwnLayers;
  #waiting = 0;
  readonly #journeys = new Map<string, Climbing>();
  readonly #edgeFailures = new WeakSet<object>();

  constructor(private readonly options: HybridTierOptions) {
    const { manifest, runtime, heldStates, policyFiles, schedule, now } = options;
    const common: LadderTierOptions = {
      ...{ name: 'mobile', manifest, runtime, heldStates, policyFiles, schedule },
      now: () => now() - runtime.waitedMs,
      onStep: (sampleKey, step) => this.#journeys.get(sampleKey)?.ownSteps.set(step.layer, step),
    };
    this.#edge = this.#markFailures(options.edge);
    this.#ownLayers = new OwnLayers((lastLayer) => runtime.prepare(lastLayer));
    this.#withEdge = new LadderTier({ ...common, upstream: this.#edge });
    this.#alone = new LadderTier({ ...common, covers: TIERS });
  }

  /**
   * @throws DimeeError `NO_KNOWN_TOKEN` for what is no sentence, another one where neither the edge nor this device can
   *   answer; an `AbortError` once the signal is aborted.
   */
  async climb(
    sample: RunSample,
    run: RunSettings,
    signal: AbortSignal,
    listener: ClimbListener = {},
  ): Promise<SampleResult> {
    const { manifest, now, runtime } = this.options;
    const { policy } = resolvePolicy(run.policy, manifest.layers);
    const rowSeed = rowSeedFor(policy, sample.texts);
    const stretches = stretchesOf(policy.route, run.plan, manifest.layers);
    const journey: Climbing = {
      ...{ sample, run, policy, rowSeed, stretches, signal },
      onProvisional: policy.predict && listener.provisional,
      isEarly: false,
      ownSteps: new Map(),
      stepsAfter: toLayer(manifest.layers),
    };
    const startedAt = now();
    journey.isEarly = await this.#isEarly(journey);
    const isReadLate = journey.isEarly;
    const [beganAt, waitedBefore] = [now(), runtime.waitedMs];
    const reading = isReadLate ? undefined : await this.#read(sample.texts);
    const readMs = Math.max(now() - beganAt - (runtime.waitedMs - waitedBefore), 0);
    signal.throwIfAborted();
    this.#journeys.set(sample.sampleKey, journey);
    try {
      const { result, ...stoodIn } = await this.#answer(journey);
      if (isReadLate) void this.#readLate(sample.texts, listener);
      const { stepsAfter } = journey;
      const totalMs = now() - startedAt;
      const stays = withOwnStay(result.stays ?? [], totalMs, readMs);
      const answer = { ...result, ...stoodIn, stepsAfter, reading, startedAt, totalMs, stays };
      return run.measurePools ? { ...answer, distances: await this.#distancesOf(journey) } : answer;
    } finally {
      this.#journeys.delete(sample.sampleKey);
    }
  }

  /** Undefined where the tokeniser cannot be had: the edge may have an answer, and says itself what it lacks. */
  #read(texts: Texts): Promise<Reading | undefined> {
    return readTexts(this.options.runtime, texts).catch((error: unknown) => {
      if (hasCode(error, 'NO_KNOWN_TOKEN')) throw error;
      return undefined;
    });
  }

  /** What is no sentence the edge has said already. */
  async #readLate(texts: Texts, { lateReading }: ClimbListener): Promise<void> {
    const reading = await this.#read(texts).catch(() => undefined);
    if (reading) lateReading?.(reading);
  }

  /** Whether the edge can be asked before this device has what the sample needs here. */
  async #isEarly({ run, signal }: Climbing): Promise<boolean> {
    const { runtime, edgeOpens } = this.options;
    const lastLayer = toLayer(run.plan.mobileLayers);
    const isLoading = () => this.#ownLayers.problem === undefined && !runtime.isReady(lastLayer);
    if (!edgeOpens || run.mayBeginAtEdge !== true || run.measurePools || !isLoading()) return false;
    const ready = this.#ownLayers.ready(lastLayer).catch(() => undefined);
    await abortable(Promise.race([ready, edgeOpens()]), signal);
    return isLoading();
  }

  /** Undefined where the model brings no pools for the task, or they cannot be read: an answer is worth having without. */
  async #distancesOf({ sample, run, signal }: Climbing): Promise<PoolDistances | undefined> {
    const { policyFiles, runtime, schedule } = this.options;
    const fitted = await policyFiles?.fittedFor({ needs: ['policyData'] }, run.task).catch(() => undefined);
    const data = fitted?.data;
    if (!data || this.#ownLayers.problem) return undefined;
    return schedule(
      async () => measureDistances(await runtime.embed(await runtime.tokenize(sample.texts)), data),
      signal,
    );
  }

  async #answer(journey: Climbing): Promise<Answer> {
    for (;;) {
      const problem = this.#ownLayers.problem ?? (mayStandIn(journey) ? STILL_LOADING : undefined);
      try {
        if (!problem) return { result: await this.#askEdge(journey), ranLocally: undefined };
        const ranAtEdge = `${withoutStop(problem)}, so the edge ran this device’s layers, too.`;
        return { result: await this.#askToStandIn(journey), ranLocally: undefined, ranAtEdge };
      } catch (error) {
        journey.signal.throwIfAborted();
        if (hasCode(error, 'NO_KNOWN_TOKEN')) throw error;
        if (journey.isEarly) {
          // What the edge does not do at once, this device soon can.
          journey.isEarly = false;
        } else if (!this.#isEdgeFailure(error)) {
          if (problem || !isLack(error)) throw error;
          this.#ownLayers.lack(error, toLayer(journey.run.plan.mobileLayers));
        } else if ((await this.#helpFor(journey, error)) === 'own layers') {
          const result = await this.#attempt(this.#alone, this.#ownStart(journey), journey);
          return { result, ranLocally: `${withoutStop(error)}, so this device ran the deeper layers itself.` };
        }
      }
    }
  }

  /** Who can take a sample on after the edge failed it: the deeper layers here, or the edge once it is back. */
  async #helpFor({ signal, stretches }: Climbing, error: DimeeError): Promise<'own layers' | 'edge'> {
    const { edgeBack } = this.options;
    // They come one by one, as it climbs.
    if (!edgeBack) return 'own layers';
    const ownLayers = this.#ownLayers.ready(lastLayerOf(stretches)).then(() => 'own layers' as const);
    if (error.code !== 'TIER_UNAVAILABLE') return abortable(ownLayers, signal);
    const edge = edgeBack().then(() => 'edge' as const);
    this.#countWaiting(1);
    try {
      return await abortable(Promise.race([ownLayers.catch(() => edge), edge]), signal);
    } finally {
      this.#countWaiting(-1);
    }
  }

  #countWaiting(change: 1 | -1): void {
    this.#waiting += change;
    this.options.onWaiting?.(this.#waiting);
  }

  /** From the state that the edge stopped at, or else from the text. */
  async #askToStandIn(journey: Climbing): Promise<InferResult> {
    const { sample, policy } = journey;
    const { priorLogits } = sample;
    const ask = (start: Start) => this.#attempt(this.#edge, { ...start, standIn: true }, journey);
    if (priorLogits.length === 0 || goesWhole(policy)) return ask(textOf(sample));
    try {
      return await ask({ priorLogits, input: { kind: 'held' } });
    } catch (error) {
      journey.signal.throwIfAborted();
      if (!hasCode(error, 'STATE_NOT_HELD')) throw error;
      return ask(textOf(sample));
    }
  }

  /** A second attempt is made where it may end better: a tier has dropped the sample's state, or was late. */
  async #askEdge(journey: Climbing): Promise<InferResult> {
    try {
      return await this.#attempt(this.#withEdge, this.#firstStart(journey), journey);
    } catch (error) {
      journey.signal.throwIfAborted();
      const isLate = this.#isEdgeFailure(error) && error.retryable && error.code !== 'TIER_UNAVAILABLE';
      if (!isLate && !hasCode(error, 'STATE_NOT_HELD')) throw error;
      const start = goesWhole(journey.policy) ? textOf(journey.sample) : this.#ownStart(journey);
      return this.#attempt(this.#withEdge, start, journey);
    }
  }

  async #attempt(tier: Tier, start: Start, journey: Climbing): Promise<InferResult> {
    const { sample, run, rowSeed, signal } = journey;
    const { task, policy, plan, payloadDtype } = run;
    const startsAfter = enteredAfter(start);
    if (startsAfter < journey.stepsAfter) journey.stepsAfter = startsAfter;
    const given = { sampleKey: sample.sampleKey, task, policy, plan, rowSeed, payloadDtype };
    const result = await tier.infer({ ...given, ...start, deadlineMs: DEADLINE_MS }, signal);
    const earlier = [...journey.ownSteps.values()].filter(
      ({ layer }) => layer > journey.stepsAfter && layer <= startsAfter,
    );
    return { ...result, steps: [...earlier, ...result.steps] };
  }

  /**
   * Some policies send samples whole. Otherwise it goes on from where an earlier attempt came to, or the tier that ran the
   * last layer is asked for the state it stopped at.
   */
  #firstStart(journey: Climbing): Start {
    const { sample, policy, stretches, ownSteps } = journey;
    const { priorLogits } = sample;
    if (goesWhole(policy)) return textOf(sample);
    if (ownSteps.size > 0) return this.#ownStart(journey);
    if (priorLogits.length === 0) return textOf(sample);
    if (stretchAt(stretches, layerAfter(enteredAfter(sample)))?.tier === 'mobile') return this.#ownStart(journey);
    return { priorLogits, input: { kind: 'held' } };
  }

  /** The highest state of the sample that this tier itself still holds, or else its text; pool routing chooses by that. */
  #ownStart({ sample, policy, ownSteps }: Climbing): Start {
    if (policy.tierFor) return textOf(sample);
    const logits = [...sample.priorLogits];
    for (const step of ownSteps.values()) logits[step.layer - 1] = step.logits;
    for (const layer of layersUpTo(logits.length).reverse()) {
      if (!this.options.heldStates.get(sample.sampleKey, layer)) continue;
      return { priorLogits: logits.slice(0, layer), input: { kind: 'held' } };
    }
    return textOf(sample);
  }

  /** An edge whose errors can be told from this tier's own; what goes there may have an answer already. */
  #markFailures(edge: Tier | undefined): Tier {
    const infer: Tier['infer'] = (request, signal) => {
      this.#journeys.get(request.sampleKey)?.onProvisional?.(request.priorLogits);
      return (edge ? edge.infer(request, signal) : Promise.reject(NO_EDGE)).catch((error: unknown) => {
        if (error instanceof DimeeError) this.#edgeFailures.add(error);
        throw error;
      });
    };
    return { infer };
  }

  #isEdgeFailure(error: unknown): error is DimeeError {
    return error instanceof DimeeError && this.#edgeFailures.has(error);
  }
}

/** While this device loads its model, for samples that begin on it. */
function mayStandIn({ isEarly, stretches }: Climbing): boolean {
  return isEarly && stretches[0]?.tier === 'mobile';
}

/** The stays from this tier's own on, which lasts as long as the sample took and begins with reading its words. */
function withOwnStay(stays: readonly Stay[], totalMs: number, readMs: number): readonly Stay[] {
  const [first, ...others] = stays;
  const isOwn = first?.tier === 'mobile';
  const own: Stay = isOwn ? first : { tier: 'mobile', totalMs, queueMs: 0 };
  return [{ ...own, totalMs, tokenizeMs: readMs + (own.tokenizeMs ?? 0) }, ...(isOwn ? others : stays)];
}

function withoutStop(error: DimeeError): string {
  return errorData(error).message.replace(/\.$/, '');
}

/** To a tier of its own, as text, whatever has been run of it before. */
function goesWhole({ route, tierFor }: Policy): boolean {
  return tierFor !== undefined || route === 'edge' || route === 'cloud';
}

function textOf({ texts }: RunSample): Start {
  return { priorLogits: [], input: { kind: 'text', texts } };
}
