import { randomUUID } from 'node:crypto';
import { at, lastOf } from '../core/numbers/at';
import { costAt, DEFAULT_COSTS } from '../core/cost';
import { type Exit, exitAt } from '../core/exits';
import { answerAfter, type Decision, decisionFor, decisionIn } from '../core/policies/decision';
import { HeldStates } from '../core/ladder/held-states';
import { LadderTier, type Schedule } from '../core/ladder/ladder-tier';
import { LoopbackTier } from '../core/protocol/loopback-tier';
import { type SampleTimes, timesOf } from '../core/ladder/spans';
import type { InferRequest, InferResult, LayerStep, Tier } from '../core/ladder/tier';
import type { LayerRuntime } from '../core/model/layer-runtime';
import { type Plan, type TierName, TIERS } from '../core/layers';
import type { PayloadDtype } from '../core/payload/dtypes';
import { type Manifest, taskExits, taskOf } from '../core/model/manifest';
import type { StateCodecs } from '../core/payload/state-codecs';
import type { Texts } from '../core/model/tokens';
import { type PolicyChoice, policyById, resolvePolicy } from '../core/policies';
import { NOTHING_FITTED } from '../core/policies/fitted';
import { rowSeedFor } from '../core/policies/needs';
import { measureDistances } from '../core/policies/pool-distances';
import type { PolicyFiles } from '../core/trace/policy-files';
import { LIMITS } from '../core/protocol/limits';
import { EVERY_EXIT } from '../core/trace/record';

export interface EvaluationOptions {
  readonly manifest: Manifest;
  readonly codecs: StateCodecs;
  readonly policyFiles?: PolicyFiles;
  /** Runs the mobile tier, and the others where they are in this process. */
  readonly runtime: LayerRuntime;
  /** The way to an edge server; undefined for tiers in this process. */
  readonly edge: Tier | undefined;
  readonly task: string;
  readonly policy: PolicyChoice;
  readonly plan: Plan;
  readonly payload: PayloadDtype;
}

/** Where one sample left, and what was answered there. */
export interface Answer {
  /** With the label answered there, and its probability. */
  readonly exit: Pick<Exit, 'layer' | 'label' | 'confidence'>;
  readonly tier: TierName;
  /** In units of one cloud layer, with the default weights. */
  readonly cost: number;
  /** What the last exit says of it, on this machine and without rounding. */
  readonly lastExit: Pick<Exit, 'label'>;
  /** Under a policy that learns: the pass, 1 for the first, and the choice made for it. */
  readonly learnt?: { readonly pass: number; readonly choice: string };
}

/** The same of a sample that went through the tiers, and what that took. */
export interface EvaluatedSample extends Answer {
  /** Between the mobile tier and the next. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** From the text to its exit. */
  readonly latencyMs: number;
  /** What that went to; unknown of a sample that an earlier run answered. */
  readonly times?: SampleTimes | undefined;
}

const now = () => performance.now();
const atOnce: Schedule = (job) => job();
const never = new AbortController().signal;
/** One sample's states at a time: no more is asked for again. */
const HELD_BYTES = 2 ** 22;

/** Takes samples through the whole ladder, one after the other. */
export class Evaluation {
  readonly #ladder: Tier;
  /** Climbs from where the mobile tier stopped to the last exit. */
  readonly #toTheTop: Tier;

  constructor(private readonly options: EvaluationOptions) {
    const heldStates = new HeldStates(HELD_BYTES);
    const { manifest, runtime, policyFiles } = options;
    const mobile = { name: 'mobile', manifest, runtime, policyFiles, heldStates, schedule: atOnce, now } as const;
    this.#ladder = new LadderTier({ ...mobile, upstream: options.edge ?? localEdge(options) });
    this.#toTheTop = new LadderTier({ ...mobile, covers: TIERS });
  }

  /** @throws DimeeError where a tier fails; AbortError where `signal` is aborted. */
  async run(texts: Texts, signal: AbortSignal = never): Promise<EvaluatedSample> {
    const request = this.#requestFor(texts, this.options.policy);
    const startedAt = now();
    const result = await this.#ladder.infer(request, signal);
    const latencyMs = now() - startedAt;
    const crossings = result.crossings.filter(({ from }) => from === 'mobile');
    return {
      ...(await this.#answerOf(request, result)),
      tier: lastOf(result.steps).tier,
      lastExit: this.#exitOf(await this.#lastStep(request, result)),
      bytesUp: crossings.reduce((sum, { bytesUp }) => sum + bytesUp, 0),
      bytesDown: crossings.reduce((sum, { bytesDown }) => sum + bytesDown, 0),
      latencyMs,
      times: timesOf({ ...result, startedAt, totalMs: latencyMs }),
    };
  }

  /**
   * What every exit says of a sample, run on this machine without any crossing, and its distances to the pools where the
   * model brings them.
   * @throws DimeeError where a layer fails.
   */
  async everyExit(texts: Texts, signal: AbortSignal = never): Promise<InferResult> {
    const { policyFiles, runtime, task } = this.options;
    const result = await this.#toTheTop.infer(this.#requestFor(texts, EVERY_EXIT), signal);
    const data = (await policyFiles?.fittedFor({ needs: ['policyData'] }, task))?.data;
    if (!data) return result;
    return { ...result, distances: measureDistances(await runtime.embed(await runtime.tokenize(texts)), data) };
  }

  #requestFor(texts: Texts, policy: PolicyChoice): InferRequest {
    const { task, plan, payload: payloadDtype } = this.options;
    return {
      sampleKey: randomUUID(),
      task,
      policy,
      plan,
      priorLogits: [],
      rowSeed: rowSeedFor(policyById(policy.id), texts),
      input: { kind: 'text', texts },
      payloadDtype,
      deadlineMs: LIMITS.maxDeadlineMs,
    };
  }

  /** The answer of a sample that left after these steps, and what its way there costs. */
  async #answerOf(
    { rowSeed }: InferRequest,
    { steps, distances }: InferResult,
  ): Promise<Pick<EvaluatedSample, 'exit' | 'cost'>> {
    const { manifest, task } = this.options;
    const sample = { rowSeed, distances };
    const decision = await this.#decision();
    const own = decisionFor(sample, decision);
    if (!own) throw new Error('A sample that has left was given a tier.');
    const exits = taskExits(
      taskOf(manifest, task),
      steps.map(({ logits }) => logits),
    );
    const exit = answerAfter(exits, own, sample);
    return { exit, cost: costAt(exit.layer, own.stretches, DEFAULT_COSTS) };
  }

  async #decision(): Promise<Decision> {
    const { manifest, policyFiles, task, plan } = this.options;
    const { policy, parameters } = resolvePolicy(this.options.policy, manifest.layers);
    const fitted = (await policyFiles?.fittedFor(policy, task)) ?? NOTHING_FITTED;
    return decisionIn({ plan, layers: manifest.layers, fitted }, policy, parameters);
  }

  /** The last layer's step of a climb without any crossing: on from the mobile tier's own state, or from the text. */
  async #lastStep(request: InferRequest, { steps }: InferResult): Promise<LayerStep> {
    const own = steps.filter(({ tier }) => tier === 'mobile');
    if (own.length === this.options.manifest.layers) return lastOf(own);
    const further = await this.#toTheTop.infer(
      {
        ...request,
        policy: { id: 'all-cloud', parameters: {} },
        priorLogits: own.map(({ logits }) => logits),
        input: own.length > 0 ? { kind: 'held' } : request.input,
      },
      never,
    );
    return lastOf(further.steps);
  }

  #exitOf({ layer, logits }: LayerStep): Exit {
    const { temperatures } = taskOf(this.options.manifest, this.options.task);
    return exitAt(layer, logits, at(temperatures, layer - 1));
  }
}

/** Edge and cloud in this process, with hidden states written and read in between as on the wire. */
function localEdge({ manifest, runtime, codecs, policyFiles }: EvaluationOptions): Tier {
  const shared = { manifest, runtime, policyFiles, schedule: atOnce, now };
  const cloud = new LadderTier({ ...shared, name: 'cloud', heldStates: new HeldStates(HELD_BYTES) });
  const upstream = new LoopbackTier({ from: 'edge', to: 'cloud', tier: cloud, codecs, now });
  const edge = new LadderTier({ ...shared, name: 'edge', heldStates: new HeldStates(HELD_BYTES), upstream });
  return new LoopbackTier({ from: 'mobile', to: 'edge', tier: edge, codecs, now });
}
