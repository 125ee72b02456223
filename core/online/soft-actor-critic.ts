import { costAt } from '../cost';
import { stretchesOf, toLayer } from '../layers';
import { payloadByteLength, type PlainDtype } from '../payload/dtypes';
import { featuresOf } from './contextual-bandit';
import type { Arm, Context, Feedback, Learner, OnlinePolicy, Setting } from './online-policy';
import { costWeightRow } from './parameters';
import { DiscreteSac } from './sac/discrete-sac';
import { modelledLatencyMs } from './simulated-network';

/**
 * Discrete soft actor-critic (`sac/discrete-sac.ts`) over exit layer, split layer and payload bits, on two tiers as the
 * paper has them: layers 1 … s run on the mobile tier, and those up to the exit e on the edge; s = e stays on the mobile
 * tier. Both are among the plan's m and n and the last layer, and payloads are float16, int8 and int4. It looks at what is
 * known after layer 1 and at the simulated state of uplink and edge, and
 *   r = [right] · (1 − q) − w · cost − v · latency / 100 ms,
 * where latency is modelled (`simulated-network.ts`). It learns from labels, and only of the arm it chose.
 * Source: An Adaptive Device-Edge Co-Inference Framework Based on Soft Actor-Critic (arXiv 2201.02968) for actions, state
 * and a reward of accuracy and latency; SAC-Discrete (arXiv 1910.07207) for the learner; target-entropy annealing (arXiv
 * 2112.02852) for letting exploration fade, without which regret would grow for ever.
 * How near to the papers: our reconstruction; features, cost and network are ours. Traces were recorded without quantising what crosses, so what 4 bits lose is the parameter q, which
 * is in the reward of int4 alone and not in the accuracy that is shown.
 * Regret against the best fixed arm may fall below zero, since no fixed arm looks at the sample or at the network. It wants
 * many samples: where exits tell little beforehand, some thousands of them go into finding out what a bandit soon knows.
 */
export const softActorCritic: OnlinePolicy = {
  role: 'learner',
  id: 'soft-actor-critic',
  name: 'Soft actor-critic',
  rule: 'a small network looks at the sentence, the uplink and the edge’s load, and chooses split, exit and bits a number; reward 1 if right, less w · cost and v · latency, w and v being the weights',
  source: 'device-edge co-inference by SAC, arXiv 2201.02968; SAC-Discrete, arXiv 1910.07207',
  looksAtNetwork: true,
  parameters: [
    costWeightRow(0.01),
    {
      id: 'latencyWeight',
      label: 'Latency weight',
      min: 0,
      max: 1,
      step: 0.05,
      default: 0.1,
      hint: 'What 100 ms of modelled time to the answer take from the reward of a sentence.',
    },
    {
      id: 'int4Loss',
      label: 'Lost at 4 bits',
      min: 0,
      max: 0.1,
      step: 0.005,
      default: 0.005,
      hint: 'The share of right answers that a hidden state sent in 4 bits is assumed to lose.',
    },
    {
      id: 'targetEntropy',
      label: 'Target entropy',
      min: 0,
      max: 1,
      step: 0.05,
      default: 0.5,
      hint: 'How evenly choices are spread at first, as a share of all alike; it fades as the stream goes on.',
    },
    {
      id: 'learningRate',
      label: 'Learning rate',
      min: 0.0005,
      max: 0.02,
      step: 0.0005,
      default: 0.002,
      hint: 'How far each gradient step moves the networks.',
    },
    {
      id: 'discount',
      label: 'Discount',
      min: 0,
      max: 0.95,
      step: 0.05,
      default: 0,
      hint: 'How much later sentences count. No choice changes the network here, so 0 loses nothing.',
    },
  ],
  arms: coInferenceArms,
  start: (seed, setting) => new SoftActorCritic(seed, setting),
};

const PAYLOADS: readonly { readonly bits: number; readonly dtype: PlainDtype }[] = [
  { bits: 16, dtype: 'float16' },
  { bits: 8, dtype: 'int8' },
  { bits: 4, dtype: 'int4' },
];

/** Exits on the mobile tier, then every split and later exit in each number of bits. */
function coInferenceArms(setting: Setting): readonly Arm[] {
  const stops = [...new Set([setting.plan.mobileLayers, setting.plan.edgeLayers, setting.layers])];
  const local = stops.map((exit) => armOf(setting, `mobile, exit ${exit}`, { split: exit, exit }));
  const across = stops.flatMap((split) =>
    stops
      .filter((exit) => exit > split)
      .flatMap((exit) =>
        PAYLOADS.map(({ bits, dtype }) =>
          armOf(setting, `split ${split}, exit ${exit}, ${bits} bits`, { split, exit, dtype }),
        ),
      ),
  );
  return [...local, ...across];
}

interface Choice {
  readonly split: number;
  readonly exit: number;
  /** How the hidden state crosses, where it does. */
  readonly dtype?: PlainDtype;
}

function armOf({ parameters, costs, layers, hidden }: Setting, name: string, { split, exit, dtype }: Choice): Arm {
  const exitLayer = toLayer(exit);
  const { costWeight = Number.NaN, latencyWeight = Number.NaN, int4Loss = Number.NaN } = parameters;
  const stretches = stretchesOf('cascade', { mobileLayers: split, edgeLayers: layers }, layers);
  const weightedCost = costWeight * costAt(exitLayer, stretches, costs);
  const kept = dtype === 'int4' ? 1 - int4Loss : 1;
  return {
    name,
    stretches,
    exitLayer: () => exitLayer,
    reward: ({ labels, gold, tokens, network }) => {
      const payloadBytes = dtype ? payloadByteLength(dtype, tokens, hidden) : 0;
      const journey = { mobileLayers: split, edgeLayers: exit - split, payloadBytes };
      const latency = modelledLatencyMs(journey, network) / 100;
      return (labels[exit - 1] === gold ? kept : 0) - weightedCost - latencyWeight * latency;
    },
  };
}

/** After so many updates the target entropy is half of what it was at first, after twice as many a third, and so on. */
const ENTROPY_FADES_AFTER = 300;

class SoftActorCritic implements Learner {
  readonly #sac: DiscreteSac;
  readonly #firstEntropy: number;
  /** What was done last, which is learnt from as soon as the state after it is known. */
  #last: { readonly features: Float64Array; readonly arm: number; readonly reward: number } | undefined;
  #updates = 0;

  constructor(
    seed: number,
    private readonly setting: Setting,
  ) {
    const { targetEntropy = Number.NaN, learningRate = Number.NaN, discount = Number.NaN } = setting.parameters;
    const actions = coInferenceArms(setting).length;
    this.#sac = new DiscreteSac({ dimensions: FEATURES, actions, discount, learningRate, seed });
    this.#firstEntropy = targetEntropy * Math.log(actions);
  }

  choose(context: Context): number {
    const features = networkedFeaturesOf(context, this.setting.classes);
    if (this.#last) {
      this.#sac.remember(this.#last.features, this.#last.arm, this.#last.reward, features);
      this.#sac.update(this.#firstEntropy / (1 + this.#updates++ / ENTROPY_FADES_AFTER));
    }
    return this.#sac.choose(features);
  }

  learn({ context, arm, reward }: Feedback): void {
    this.#last = { features: networkedFeaturesOf(context, this.setting.classes), arm, reward };
  }
}

const FEATURES = 8;

/** What the contextual bandit looks at, then the uplink and the load: `[8]`, each of a size about 1. */
export function networkedFeaturesOf(context: Context, classes: number): Float64Array {
  const features = new Float64Array(FEATURES);
  features.set(featuresOf(context, classes));
  features[6] = Math.log10(context.network.uplinkMbitPerSecond) - 1;
  features[7] = 2 * context.network.edgeLoad - 1;
  return features;
}
