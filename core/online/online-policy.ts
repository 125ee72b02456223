import type { CostWeights } from '../cost';
import type { LayerIndex, Plan, Stretch } from '../layers';
import type { ParameterRow, PolicyParameters } from '../policies';
import type { NetworkState } from './simulated-network';

/** All that the arms of a policy depend on. */
export interface Setting {
  readonly parameters: PolicyParameters;
  readonly plan: Plan;
  readonly costs: CostWeights;
  /** L, the layers of the model. */
  readonly layers: number;
  /** Numbers a token of a hidden state. */
  readonly hidden: number;
  /** K, the classes of the task. */
  readonly classes: number;
}

/** What is known of a sample when an arm is chosen for it: the mobile tier has run layer 1. */
export interface Context {
  /** Length in tokens, special ones included. */
  readonly tokens: number;
  /** C_1, the confidence of the first exit, 1/K to 1. */
  readonly firstConfidence: number;
  /** That of the mobile tier's last exit: for a policy alone of which every arm runs all mobile layers. */
  readonly deviceConfidence: number;
  /** Distances of its embedding to the centroids easy, moderate and hard of DIMEE, `[3]`, where they were recorded. */
  readonly poolDistances?: Float32Array | undefined;
  /** Simulated: a trace records none. */
  readonly network: NetworkState;
}

/** All that was recorded of a sample. Arms are judged by it; a learner never sees it whole. */
export interface RecordedSample extends Context {
  /** C_1 … C_L, the confidence of every exit, `[layers]`. */
  readonly confidences: Float64Array;
  /** The label of every exit, `[layers]`. */
  readonly labels: Uint8Array;
  /** The right label; where nobody knows it, that of the last exit. */
  readonly gold: number;
}

/** One of the fixed choices among which a policy learns to choose. */
export interface Arm {
  readonly name: string;
  /** Where the sample's layers run under this choice; its cost follows from them. */
  readonly stretches: readonly Stretch[];
  exitLayer(sample: RecordedSample): LayerIndex;
  reward(sample: RecordedSample): number;
}

/** What a learner is told of a sample that it chose an arm for. */
export interface Feedback {
  readonly context: Context;
  readonly arm: number;
  readonly reward: number;
  /** C_1 … C_k of the k layers that ran, `[exit layer]`; exits beyond were not seen. */
  readonly confidences: Float64Array;
  /** What these said, `[exit layer]`. */
  readonly labels: Uint8Array;
}

/** A policy in the middle of its stream. It is paused by not asking it, and repeated by starting another with its seed. */
export interface Learner {
  /** The index of the arm for the next sample. Asked once a sample, before `learn`. */
  choose(context: Context): number;
  learn(feedback: Feedback): void;
}

/** A policy that learns from one sample to the next which of some fixed choices earns the most. */
export interface OnlinePolicy {
  readonly role: 'learner';
  readonly id: string;
  readonly name: string;
  /** Arms and reward, in the field's symbols. */
  readonly rule: string;
  readonly source: string;
  readonly parameters: readonly ParameterRow[];
  /** Rewards charge the cloud's layers by a parameter, where the paper takes them as free. */
  readonly chargesCloud?: true;
  /** Whether rewards depend on the network's state, which is another at every step. */
  readonly looksAtNetwork?: true;
  arms(setting: Setting): readonly Arm[];
  /** A learner that knows nothing yet; its lots are drawn from the seed. */
  start(seed: number, setting: Setting): Learner;
}
