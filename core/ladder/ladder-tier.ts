import { at } from '../numbers/at';
import { DimeeError } from '../errors';
import type { Exit } from '../exits';
import { exitAt } from '../exits';
import { layerAfter, type LayerIndex, stretchAt, TIERS, type TierName, toLayer } from '../layers';
import type { HiddenState } from '../hidden-state';
import { taskExits, taskLogits, taskOf, type Manifest, type Task } from '../model/manifest';
import { resolvePolicy } from '../policies';
import { allOf } from '../policies/baselines';
import { NOTHING_FITTED } from '../policies/fitted';
import { availableLive, checkNeeds, type FittedSource, policyDataOf } from '../policies/needs';
import { measureDistances } from '../policies/pool-distances';
import { type Decision, decisionIn, leaves } from '../policies/decision';
import type { HeldStates } from './held-states';
import { saturationOf } from './saturation';
import {
  enteredAfter,
  type InferRequest,
  type InferResult,
  type LayerStep,
  type SampleInput,
  type Stay,
  type Tier,
} from './tier';
import type { LayerRuntime } from '../model/layer-runtime';
import { knownTokens } from '../model/reading';
import type { Texts } from '../model/tokens';

/** Gives a job its turn. @throws DimeeError `OVERLOADED` where too many wait. */
export type Schedule = <Result>(job: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;

export interface LadderTierOptions {
  readonly name: TierName;
  /** The stretches this tier runs itself; by default its own. A tier cut off from the others may run theirs too. */
  readonly covers?: readonly TierName[];
  readonly manifest: Manifest;
  readonly runtime: LayerRuntime;
  readonly heldStates: HeldStates;
  readonly schedule: Schedule;
  /** Where a sample goes that does not leave here. */
  readonly upstream?: Tier | undefined;
  /** What policies were fitted to in advance; without it, policies that need that are refused. */
  readonly policyFiles?: FittedSource | undefined;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
  readonly onStep?: (sampleKey: string, step: LayerStep) => void;
}

interface Climb {
  readonly request: InferRequest;
  readonly task: Task;
  readonly decision: Decision;
  readonly exits: Exit[];
  readonly steps: LayerStep[];
  readonly deadlineAt: number;
  readonly signal: AbortSignal;
}

/** What it took a sample to enter. */
type Entry = Pick<Stay, 'tokenizeMs' | 'embedMs'>;

/** What came of a sample, and what its stay here took; `result.stays` are those beyond. */
interface Taken {
  readonly result: InferResult;
  readonly own: Entry & Pick<Stay, 'queueMs'>;
}

/**
 * The ladder: takes a sample through this tier's layers, looks at each exit ramp, and hands on what does not leave.
 * The worker, the edge, the cloud and the command line all run this class; only the runtime differs.
 */
export class LadderTier implements Tier {
  readonly #covers: ReadonlySet<TierName>;

  constructor(private readonly options: LadderTierOptions) {
    this.#covers = new Set(options.covers ?? [options.name]);
  }

  async infer(request: InferRequest, signal: AbortSignal): Promise<InferResult> {
    const { name, now } = this.options;
    const arrivedAt = now();
    const { result, own } = await this.#take(request, signal);
    const stay = { tier: name, totalMs: now() - arrivedAt, ...own };
    return { ...result, stays: [stay, ...(result.stays ?? [])] };
  }

  async #take(request: InferRequest, signal: AbortSignal): Promise<Taken> {
    const { manifest, now } = this.options;
    const task = taskOf(manifest, request.task);
    checkRequest(request, manifest);
    const decision = await this.#decide(request);
    if (decision.policy.tierFor) return this.#sendWhole(request, decision, signal);
    const climb: Climb = {
      request,
      task,
      decision,
      exits: taskExits(task, request.priorLogits),
      steps: [],
      deadlineAt: now() + request.deadlineMs,
      signal,
    };
    if (this.#belongsUpstream(climb)) {
      return { result: await this.#handOn(climb, request.input), own: { queueMs: 0 } };
    }
    const { output, queueMs } = await this.#inTurn(() => this.#climb(climb), signal);
    const { state, entry } = output;
    const own = { queueMs, ...entry };
    const result: InferResult = { tokens: state.tokens, steps: climb.steps, crossings: [], queueMs };
    if (this.#hasLeft(climb)) return { result, own };
    return { result: merge(result, await this.#handOn(climb, { kind: 'hiddenState', state })), own };
  }

  async #decide({ policy: choice, task, plan, rowSeed }: InferRequest): Promise<Decision> {
    const { manifest, policyFiles } = this.options;
    const { policy, parameters } = resolvePolicy(choice, manifest.layers);
    const fitted = (await policyFiles?.fittedFor(policy, task)) ?? NOTHING_FITTED;
    checkNeeds(policy, availableLive({ ...fitted, pools: fitted.data?.pools }, rowSeed));
    return decisionIn({ plan, layers: manifest.layers, fitted }, policy, parameters);
  }

  /**
   * Chooses the sample's tier by its embedding. From there on it is a sample of the policy that takes all to that tier, here
   * and on the wire: the tier beyond need not choose again, and with other weights it might choose otherwise.
   */
  async #sendWhole(request: InferRequest, decision: Decision, signal: AbortSignal): Promise<Taken> {
    const { policy, fitted = NOTHING_FITTED } = decision;
    const { input } = request;
    if (input.kind !== 'text') {
      throw new DimeeError('BAD_INPUT', `“${policy.name}” chooses a tier by the text. Send the sample as text.`);
    }
    const arrivedAt = this.options.now();
    const { output, queueMs } = await this.#inTurn(() => this.#enter(request), signal);
    const { state, entry } = output;
    const distances = measureDistances(state, policyDataOf(fitted));
    const tier = policy.tierFor?.({ distances });
    if (!tier) throw new DimeeError('INTERNAL', `“${policy.name}” chose no tier.`);
    const deadlineMs = request.deadlineMs - (this.options.now() - arrivedAt);
    const chosen = { ...request, policy: { id: allOf[tier].id, parameters: {} }, deadlineMs };
    const from: SampleInput = this.#coversFor(request).has(tier) ? { kind: 'hiddenState', state } : input;
    const { result, own } = await this.#take({ ...chosen, input: from }, signal);
    return {
      result: { ...result, queueMs: queueMs + result.queueMs, distances },
      own: { ...own, ...entry, queueMs: queueMs + own.queueMs },
    };
  }

  async #inTurn<Output>(job: () => Promise<Output>, signal: AbortSignal) {
    const { now, schedule } = this.options;
    const arrivedAt = now();
    let queueMs = 0;
    const output = await schedule(() => {
      queueMs = now() - arrivedAt;
      return job();
    }, signal);
    return { output, queueMs };
  }

  /** The next layer is another tier's, and the sample's state is not kept here. */
  #belongsUpstream({ request, decision }: Climb): boolean {
    const { heldStates, upstream } = this.options;
    const afterLayer = enteredAfter(request);
    const stretch = stretchAt(decision.stretches, layerAfter(afterLayer));
    if (!stretch) throw new DimeeError('BAD_INPUT', `The plan has no layer ${afterLayer + 1} to climb to.`);
    this.#checkNotBelow(stretch.tier, request);
    if (request.input.kind !== 'held') return !this.#coversFor(request).has(stretch.tier);
    return heldStates.get(request.sampleKey, afterLayer) === undefined && upstream !== undefined;
  }

  /** A sample goes up only: one whose next layer has become a lower tier's must start again from there. */
  #checkNotBelow(tier: TierName, request: InferRequest): void {
    const { name } = this.options;
    const { input, priorLogits } = request;
    if (this.#coversFor(request).has(tier) || TIERS.indexOf(tier) > TIERS.indexOf(name)) return;
    const problem = `What comes after layer ${priorLogits.length} is the ${tier} tier’s, below the ${name} tier. Start there.`;
    throw new DimeeError(input.kind === 'held' ? 'STATE_NOT_HELD' : 'BAD_INPUT', problem);
  }

  async #climb(climb: Climb): Promise<{ readonly state: HiddenState; readonly entry: Entry }> {
    const { heldStates, runtime, now, name } = this.options;
    const { request, task, decision, exits } = climb;
    const measure = decision.policy.needs.includes('saturation') ? saturationOf : () => undefined;
    const { state: entered, entry } = await this.#enter(request);
    let state = entered;
    for (let layer = toLayer(exits.length + 1); this.#runs(layer, climb); layer = layerAfter(layer)) {
      this.#checkStillWanted(climb);
      const startedAt = now();
      const output = await runtime.runLayer(layer, state);
      const logits = taskLogits(task, output.logits);
      checkFinite(layer, logits);
      const saturation = measure(state, output.state);
      const step = { layer, tier: name, logits, saturation, computeMs: now() - startedAt };
      state = output.state;
      climb.steps.push(step);
      exits.push({ ...exitAt(layer, logits, at(task.temperatures, layer - 1)), saturation });
      this.options.onStep?.(request.sampleKey, step);
      if (this.#hasLeft(climb)) break;
    }
    heldStates.set(request.sampleKey, toLayer(exits.length), state);
    return { state, entry };
  }

  async #enter({
    input,
    sampleKey,
    priorLogits,
  }: InferRequest): Promise<{ readonly state: HiddenState; readonly entry: Entry }> {
    switch (input.kind) {
      case 'text':
        return this.#embed(input.texts);
      case 'hiddenState':
        return { state: input.state, entry: {} };
      case 'held': {
        const state = this.options.heldStates.get(sampleKey, toLayer(priorLogits.length));
        if (state) return { state, entry: {} };
        throw new DimeeError(
          'STATE_NOT_HELD',
          `The hidden state after layer ${priorLogits.length} is no longer kept. Send the sample again.`,
        );
      }
    }
  }

  async #embed(texts: Texts) {
    const { runtime, now } = this.options;
    const startedAt = now();
    const tokens = await knownTokens(runtime, texts);
    const tokenizedAt = now();
    const state = await runtime.embed(tokens);
    return { state, entry: { tokenizeMs: tokenizedAt - startedAt, embedMs: now() - tokenizedAt } };
  }

  #runs(layer: LayerIndex, { decision, request }: Climb): boolean {
    const stretch = stretchAt(decision.stretches, layer);
    return stretch !== undefined && this.#coversFor(request).has(stretch.tier);
  }

  #coversFor({ standIn }: InferRequest): ReadonlySet<TierName> {
    return standIn ? new Set([...this.#covers, 'mobile']) : this.#covers;
  }

  #hasLeft({ exits, decision, steps, request: { rowSeed } }: Climb): boolean {
    return steps.length > 0 && leaves(exits, decision, { rowSeed });
  }

  #checkStillWanted({ signal, deadlineAt, request }: Climb): void {
    signal.throwIfAborted();
    if (this.options.now() <= deadlineAt) return;
    throw new DimeeError(
      'DEADLINE_EXCEEDED',
      `The ${this.options.name} tier could not answer within ${Math.round(request.deadlineMs)} ms.`,
      { retryable: true },
    );
  }

  #handOn(climb: Climb, input: SampleInput): Promise<InferResult> {
    const { upstream, name, now } = this.options;
    if (!upstream) {
      const problem = `The ${name} tier has no tier above it that could run layer ${climb.exits.length + 1}.`;
      throw new DimeeError(input.kind === 'held' ? 'STATE_NOT_HELD' : 'TIER_UNAVAILABLE', problem);
    }
    this.#checkStillWanted(climb);
    const priorLogits = climb.exits.map((exit) => exit.logits);
    // A device whose layers are run here has told this tier alone.
    const standIn = name === 'mobile' ? climb.request.standIn : undefined;
    const deadlineMs = climb.deadlineAt - now();
    return upstream.infer({ ...climb.request, priorLogits, input, standIn, deadlineMs }, climb.signal);
  }
}

/** @throws DimeeError `BAD_INPUT` for a plan that is none, or a sample that cannot be where the request says it is. */
function checkRequest({ task, plan, priorLogits, input }: InferRequest, manifest: Manifest): void {
  const { layers, hidden, maxTokens } = manifest;
  const { name, pair, labels } = taskOf(manifest, task);
  const { mobileLayers, edgeLayers } = plan;
  if (!(mobileLayers >= 1 && mobileLayers <= edgeLayers && edgeLayers <= layers)) {
    const given = `${mobileLayers} and ${edgeLayers}`;
    throw new DimeeError('BAD_INPUT', `A plan must have 1 ≤ mobile layers ≤ edge layers ≤ ${layers}, not ${given}.`);
  }
  if (input.kind === 'text' && priorLogits.length > 0) {
    throw new DimeeError('BAD_INPUT', `A text starts at layer 1, not at layer ${priorLogits.length + 1}.`);
  }
  if (input.kind === 'text' && input.texts.length !== (pair ? 2 : 1)) {
    throw new DimeeError('BAD_INPUT', `${name} takes ${pair ? 'two texts' : 'one text'}, not ${input.texts.length}.`);
  }
  if (priorLogits.some((logits) => logits.length !== labels.length)) {
    throw new DimeeError('BAD_INPUT', `${name} has ${labels.length} logits at every layer.`);
  }
  if (input.kind === 'hiddenState' && (input.state.hidden !== hidden || input.state.tokens > maxTokens)) {
    const shape = `[${input.state.tokens}, ${input.state.hidden}]`;
    throw new DimeeError('BAD_INPUT', `A hidden state must be [1 to ${maxTokens}, ${hidden}], not ${shape}.`);
  }
}

/** A runtime that overflows (float16 on a GPU) must not look like an unsure one. */
function checkFinite(layer: LayerIndex, logits: readonly number[]): void {
  if (logits.every(Number.isFinite)) return;
  throw new DimeeError('INTERNAL', `Layer ${layer} gave logits that are not finite. Try another backend or variant.`);
}

function merge(own: InferResult, further: InferResult): InferResult {
  return {
    tokens: own.tokens,
    steps: [...own.steps, ...further.steps],
    crossings: [...own.crossings, ...further.crossings],
    queueMs: own.queueMs + further.queueMs,
    stays: further.stays,
  };
}
