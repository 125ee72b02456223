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
import { answerAfter, type Decision, decisionIn, leaves } from '../policies/decision';
import { type AscendingRuntime, type Ascent, decidesByLogits } from './ascent';
import { checkPlace } from './check-place';
import { checkShape } from './check-shape';
import type { HeldStates } from './held-states';
import { saturationOf } from './saturation';
import {
  askerOf,
  enteredAfter,
  type InferRequest,
  type InferResult,
  type LayerStep,
  type SampleInput,
  type Stay,
  type Tier,
} from './tier';
import type { Asker } from '../scheduling/asker';
import { knownTokens } from '../model/reading';
import type { Texts } from '../model/tokens';

/** Gives a job its turn. @throws DimeeError `OVERLOADED` where too many wait. */
export type Schedule = <Result>(job: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;

export interface LadderTierOptions {
  readonly name: TierName;
  /** The stretches this tier runs itself; by default its own. A tier cut off from the others may run theirs too. */
  readonly covers?: readonly TierName[];
  readonly manifest: Manifest;
  readonly runtime: AscendingRuntime;
  readonly heldStates: HeldStates;
  readonly schedule: Schedule;
  /** Where a sample goes that does not leave here. */
  readonly upstream?: Tier | undefined;
  /** What policies were fitted to in advance; without it, policies that need that are refused. */
  readonly policyFiles?: FittedSource | undefined;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
  readonly onStep?: (sampleKey: string, step: LayerStep) => void;
  readonly onLeftEarly?: ((left: EarlyExit) => void) | undefined;
}

/** A sample that left here with layers still to come: how it was decided, and what those layers would begin with. */
export interface EarlyExit {
  readonly task: string;
  readonly decision: Decision;
  /** The last layer that had been run when it came. */
  readonly enteredAfter: LayerIndex;
  /** Where it left, with what it is answered. */
  readonly answer: Exit;
  readonly state: HiddenState;
}

interface Climb {
  readonly request: InferRequest;
  readonly task: Task;
  readonly decision: Decision;
  readonly exits: Exit[];
  readonly steps: LayerStep[];
  readonly visit: Visit;
}

/** What is known of a layer that has been run for a sample. */
interface LayerRun extends Pick<LayerStep, 'computeMs' | 'saturation'> {
  /** Of all classes of all tasks. */
  readonly allLogits: Float32Array;
}

/** A sample's stay here: on whose behalf the runtime is asked, and what it takes beside the layers. */
class Visit {
  queueMs = 0;
  tokenizeMs: number | undefined;
  embedMs: number | undefined;
  readonly asker: Asker;

  constructor(
    request: InferRequest,
    signal: AbortSignal,
    private readonly now: () => number,
  ) {
    this.asker = askerOf(request, signal, now(), (waitedMs) => void (this.queueMs += waitedMs));
  }

  get own(): Omit<Stay, 'tier' | 'totalMs'> {
    const { queueMs, tokenizeMs, embedMs } = this;
    return { queueMs, tokenizeMs, embedMs };
  }

  /** Milliseconds that the job takes, without its wait for a turn. */
  async time<Output>(job: () => Promise<Output>): Promise<{ readonly output: Output; readonly ms: number }> {
    const [startedAt, queuedMs] = [this.now(), this.queueMs];
    const output = await job();
    return { output, ms: this.now() - startedAt - (this.queueMs - queuedMs) };
  }
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
    const visit = new Visit(request, signal, now);
    const result = await this.#take(request, visit);
    const stay = { tier: name, totalMs: now() - arrivedAt, ...visit.own };
    return { ...result, queueMs: result.queueMs + visit.queueMs, stays: [stay, ...(result.stays ?? [])] };
  }

  /** What came of the sample here and beyond; `queueMs` and `stays` are those beyond. */
  async #take(request: InferRequest, visit: Visit): Promise<InferResult> {
    const { manifest } = this.options;
    const task = taskOf(manifest, request.task);
    checkRequest(request, manifest);
    const decision = await this.#decide(request);
    if (decision.policy.tierFor) return this.#sendWhole(request, decision, visit);
    const climb: Climb = {
      request,
      task,
      decision,
      exits: taskExits(task, request.priorLogits),
      steps: [],
      visit,
    };
    if (this.#belongsUpstream(climb)) return this.#handOn(climb, request.input);
    const state = await this.#inTurn(() => this.#climb(climb), visit);
    const result: InferResult = { tokens: state.tokens, steps: climb.steps, crossings: [], queueMs: 0 };
    return this.#hasLeft(climb) ? result : merge(result, await this.#handOn(climb, { kind: 'hiddenState', state }));
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
  async #sendWhole(request: InferRequest, decision: Decision, visit: Visit): Promise<InferResult> {
    const { policy, fitted = NOTHING_FITTED } = decision;
    const { input } = request;
    if (input.kind !== 'text') {
      throw new DimeeError('BAD_INPUT', `“${policy.name}” chooses a tier by the text. Send the sample as text.`);
    }
    const state = await this.#inTurn(() => this.#enter(request, visit), visit);
    const distances = measureDistances(state, policyDataOf(fitted));
    const tier = policy.tierFor?.({ distances }, fitted);
    if (!tier) throw new DimeeError('INTERNAL', `“${policy.name}” chose no tier.`);
    const chosen = { ...request, policy: { id: allOf[tier].id, parameters: {} } };
    const from: SampleInput = this.#coversFor(request).has(tier) ? { kind: 'hiddenState', state } : input;
    return { ...(await this.#take({ ...chosen, input: from }, visit)), distances };
  }

  #inTurn<Output>(job: () => Promise<Output>, visit: Visit): Promise<Output> {
    const { now, schedule } = this.options;
    const arrivedAt = now();
    return schedule(() => {
      visit.queueMs += now() - arrivedAt;
      return job();
    }, visit.asker.signal);
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

  async #climb(climb: Climb): Promise<HiddenState> {
    const { heldStates } = this.options;
    const { request, decision, exits, visit } = climb;
    const measure = decision.policy.needs.includes('saturation') ? saturationOf : () => undefined;
    let state = await this.#enter(request, visit);
    while (this.#runs(toLayer(exits.length + 1), climb) && !this.#hasLeft(climb)) {
      this.#checkStillWanted(climb);
      const { output, ms } = await visit.time(() => this.#ascend(climb, state));
      const saturation = measure(state, output.state);
      state = output.state;
      for (const { logits, computeMs } of output.outputs) {
        this.#step(climb, { allLogits: logits, computeMs: computeMs ?? ms, saturation });
      }
    }
    heldStates.set(request.sampleKey, toLayer(exits.length), state);
    this.#tellOfExit(climb, state);
    return state;
  }

  /** The next layer, and those after it where the runtime can tell by itself that the sample stays. */
  async #ascend(climb: Climb, state: HiddenState): Promise<Ascent> {
    const { runtime } = this.options;
    const { request, decision, exits, visit } = climb;
    const layer = toLayer(exits.length + 1);
    if (runtime.ascend && decidesByLogits(decision.policy)) {
      const { task, policy, plan, rowSeed } = request;
      const priorLogits = exits.map(({ logits }) => logits);
      const rule = { task, policy, plan, rowSeed, priorLogits, lastLayer: this.#lastLayer(layer, climb) };
      return runtime.ascend(state, rule, visit.asker);
    }
    const { state: next, ...output } = await runtime.runLayer(layer, state, visit.asker);
    return { outputs: [output], state: next };
  }

  /** A layer has been run. */
  #step(climb: Climb, { allLogits, computeMs, saturation }: LayerRun): void {
    const { task, exits, steps, request } = climb;
    const layer = toLayer(exits.length + 1);
    const logits = taskLogits(task, allLogits);
    checkFinite(layer, logits);
    const step = { layer, tier: this.options.name, logits, saturation, computeMs };
    steps.push(step);
    exits.push({ ...exitAt(layer, logits, at(task.temperatures, layer - 1)), saturation });
    this.options.onStep?.(request.sampleKey, step);
  }

  async #enter({ input, sampleKey, priorLogits }: InferRequest, visit: Visit): Promise<HiddenState> {
    switch (input.kind) {
      case 'text':
        return this.#embed(input.texts, visit);
      case 'hiddenState':
        return input.state;
      case 'held': {
        const state = this.options.heldStates.get(sampleKey, toLayer(priorLogits.length));
        if (state) return state;
        throw new DimeeError(
          'STATE_NOT_HELD',
          `The hidden state after layer ${priorLogits.length} is no longer kept. Send the sample again.`,
        );
      }
    }
  }

  async #embed(texts: Texts, visit: Visit): Promise<HiddenState> {
    const { runtime } = this.options;
    const { asker } = visit;
    const tokenizer = { tokenize: (given: Texts) => runtime.tokenize(given, asker) };
    const tokens = await visit.time(() => knownTokens(tokenizer, texts));
    const embedded = await visit.time(() => runtime.embed(tokens.output, asker));
    visit.tokenizeMs = tokens.ms;
    visit.embedMs = embedded.ms;
    return embedded.output;
  }

  #runs(layer: LayerIndex, { decision, request }: Climb): boolean {
    const stretch = stretchAt(decision.stretches, layer);
    return stretch !== undefined && this.#coversFor(request).has(stretch.tier);
  }

  /** The last layer that this tier runs for the sample, from one that it runs on. */
  #lastLayer(from: LayerIndex, climb: Climb): LayerIndex {
    let last = from;
    while (this.#runs(layerAfter(last), climb)) last = layerAfter(last);
    return last;
  }

  #coversFor({ standIn }: InferRequest): ReadonlySet<TierName> {
    return standIn ? new Set([...this.#covers, 'mobile']) : this.#covers;
  }

  #hasLeft({ exits, decision, steps, request: { rowSeed } }: Climb): boolean {
    return steps.length > 0 && leaves(exits, decision, { rowSeed });
  }

  #tellOfExit(climb: Climb, state: HiddenState): void {
    const { manifest, onLeftEarly } = this.options;
    const { request, decision, exits } = climb;
    if (!onLeftEarly || exits.length >= manifest.layers || !this.#hasLeft(climb)) return;
    const { task, rowSeed } = request;
    const answer = answerAfter(exits, decision, { rowSeed });
    onLeftEarly({ task, decision, enteredAfter: enteredAfter(request), answer, state });
  }

  #checkStillWanted({ visit: { asker }, request }: Climb): void {
    asker.signal.throwIfAborted();
    if (this.options.now() <= asker.deadlineAt) return;
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
    const { deadlineAt, signal } = climb.visit.asker;
    const deadlineMs = deadlineAt - now();
    return upstream.infer({ ...climb.request, priorLogits, input, standIn, deadlineMs }, signal);
  }
}

/** @throws DimeeError `BAD_INPUT` for a sample that cannot be where the request says it is. */
function checkRequest(request: InferRequest, manifest: Manifest): void {
  checkPlace(request, manifest);
  const { task, priorLogits, input } = request;
  const { name, pair } = taskOf(manifest, task);
  if (input.kind === 'text' && priorLogits.length > 0) {
    throw new DimeeError('BAD_INPUT', `A text starts at layer 1, not at layer ${priorLogits.length + 1}.`);
  }
  if (input.kind === 'text' && input.texts.length !== (pair ? 2 : 1)) {
    throw new DimeeError('BAD_INPUT', `${name} takes ${pair ? 'two texts' : 'one text'}, not ${input.texts.length}.`);
  }
  if (input.kind === 'hiddenState') checkShape(input.state, manifest);
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
