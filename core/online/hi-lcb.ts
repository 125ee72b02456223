import { at } from '../numbers/at';
import { costAt } from '../cost';
import { stretchesOf, toLayer } from '../layers';
import type { Arm, Context, Feedback, Learner, OnlinePolicy, Setting } from './online-policy';
import { costWeightRow, explorationRow } from './parameters';

const [KEEP, OFFLOAD] = [0, 1];

/**
 * HI-LCB: all mobile layers run; then a sample is kept, or goes on to the cloud. Confidences φ of the mobile tier's last exit
 * are put into n bins of equal width from 1/K to 1, and the probability f(φ) that the device says what the cloud says is
 * taken to rise with φ. Only who offloads learns whether it did. Of the Oⱼ samples of bin j that were offloaded by round t, a
 * share f̂ⱼ agreed; at bin i
 *   LCB = max(0, max over j ≤ i of f̂ⱼ − β √(ln t / Oⱼ)),
 * since what holds of less sure samples holds of surer ones, and a sample is offloaded where 1 − LCB ≥ γ, the price of the
 * cloud: w times what the way there and its layers cost more. So bins that nothing is known of are offloaded. The reward is
 * −1 for an answer kept that the cloud would not give, −γ for one offloaded, else 0. No labels are asked for. Regret
 * against the better of the two fixed choices may fall below zero: neither looks at the sample.
 * Source: HI-LCB (arXiv 2508.08985).
 * How near to the paper: the paper's listing was not at hand; this is its rule as its setting fixes it: one-sided feedback,
 * discrete confidences, f rising, a lower bound of UCB's form (its α is our β²), and a known price. Without the maximum over
 * lower bins it is HI-LCB-lite. Its offloading cost may vary and be learnt, too; here the cost model fixes it. Bins, their
 * number and β are ours: at β = √½ a bound fails in round t with a probability of at most 1/t, by Hoeffding.
 */
export const hiLcb: OnlinePolicy = {
  role: 'learner',
  id: 'hi-lcb',
  name: 'HI-LCB',
  rule: 'the cloud where 1 − LCB ≥ γ: LCB is the greatest lower bound, f̂ⱼ − β√(ln t / Oⱼ), on how often the device answers as the cloud does at a confidence like this one or lower, γ the price of the cloud; reward −1 for an answer kept that the cloud would not give, −γ for the cloud',
  source: 'HI-LCB, arXiv 2508.08985',
  parameters: [
    {
      id: 'bins',
      label: 'Bins',
      min: 1,
      max: 50,
      step: 1,
      default: 10,
      hint: 'Into how many steps confidences are put, from chance to certainty.',
    },
    costWeightRow(0.02),
    explorationRow(0.7),
  ],
  arms: keepOrOffload,
  start: (_seed, setting) => new BoundedLearner(setting),
};

function keepOrOffload(setting: Setting): readonly Arm[] {
  const { plan, layers } = setting;
  const [lastHere, lastLayer] = [toLayer(plan.mobileLayers), toLayer(layers)];
  const price = priceOf(setting);
  return [
    {
      name: 'mobile',
      stretches: stretchesOf('mobile', plan, layers),
      exitLayer: () => lastHere,
      reward: ({ labels }) => (labels[lastHere - 1] === labels[lastLayer - 1] ? 0 : -1),
    },
    { name: 'cloud', stretches: wayToCloud(setting), exitLayer: () => lastLayer, reward: () => -price },
  ];
}

/** γ: what a sample costs more that goes to the cloud, weighted. */
function priceOf(setting: Setting): number {
  const { parameters, plan, costs, layers } = setting;
  const way = wayToCloud(setting);
  const added = costAt(toLayer(layers), way, costs) - costAt(toLayer(plan.mobileLayers), way, costs);
  return (parameters.costWeight ?? Number.NaN) * added;
}

function wayToCloud({ plan: { mobileLayers }, layers }: Setting) {
  return stretchesOf('cascade', { mobileLayers, edgeLayers: mobileLayers }, layers);
}

class BoundedLearner implements Learner {
  readonly #price: number;
  readonly #offloaded: Uint32Array;
  readonly #agreed: Uint32Array;
  #round = 0;

  constructor(private readonly setting: Setting) {
    const { bins = Number.NaN } = setting.parameters;
    this.#price = priceOf(setting);
    [this.#offloaded, this.#agreed] = [new Uint32Array(bins), new Uint32Array(bins)];
  }

  choose(context: Context): number {
    const logRound = Math.log(++this.#round);
    return 1 - this.#lowerBound(this.#binOf(context), logRound) >= this.#price ? OFFLOAD : KEEP;
  }

  learn({ context, arm, labels }: Feedback): void {
    if (arm !== OFFLOAD) return;
    const bin = this.#binOf(context);
    this.#offloaded[bin] = at(this.#offloaded, bin) + 1;
    if (labels[this.setting.plan.mobileLayers - 1] === labels.at(-1)) this.#agreed[bin] = at(this.#agreed, bin) + 1;
  }

  #lowerBound(last: number, logRound: number): number {
    const { exploration = Number.NaN } = this.setting.parameters;
    let greatest = 0;
    for (let bin = 0; bin <= last; bin++) {
      const count = at(this.#offloaded, bin);
      if (count === 0) continue;
      greatest = Math.max(greatest, at(this.#agreed, bin) / count - exploration * Math.sqrt(logRound / count));
    }
    return greatest;
  }

  #binOf({ deviceConfidence }: Context): number {
    const bins = this.#offloaded.length;
    const { classes } = this.setting;
    const aboveChance = (classes * deviceConfidence - 1) / (classes - 1);
    return Math.min(Math.max(Math.floor(bins * aboveChance), 0), bins - 1);
  }
}
