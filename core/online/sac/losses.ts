// Loops over all numbers read `?? 0` and not `at`, for the time it takes (`at.ts`).

/** The softmax of each row of logits `[batch, actions]` over a temperature, written into `to`. */
export function softmaxRows(logits: Float64Array, actions: number, temperature: number, to: Softmax): void {
  const { probabilities, logProbabilities } = to;
  for (let start = 0; start < logits.length; start += actions) {
    const end = start + actions;
    let largest = Number.NEGATIVE_INFINITY;
    for (let index = start; index < end; index++) largest = Math.max(largest, logits[index] ?? 0);
    let sum = 0;
    for (let index = start; index < end; index++) sum += Math.exp(((logits[index] ?? 0) - largest) / temperature);
    const logSum = Math.log(sum);
    for (let index = start; index < end; index++) {
      logProbabilities[index] = ((logits[index] ?? 0) - largest) / temperature - logSum;
      probabilities[index] = Math.exp(logProbabilities[index] ?? 0);
    }
  }
}

/**
 * The critic's loss: the mean over the batch of ½ (Q(s, a) − y)². Of the values `[batch, actions]` only that of the action
 * taken has a gradient, which is written to `gradients`.
 */
export function criticLoss(
  values: Float64Array,
  actionsTaken: Uint8Array,
  targets: Float64Array,
  gradients: Float64Array,
): number {
  const batch = targets.length;
  const actions = values.length / batch;
  gradients.fill(0, 0, values.length);
  let loss = 0;
  for (let row = 0; row < batch; row++) {
    const index = row * actions + (actionsTaken[row] ?? 0);
    const error = (values[index] ?? 0) - (targets[row] ?? 0);
    gradients[index] = error / batch;
    loss += error ** 2 / (2 * batch);
  }
  return loss;
}

/** What the actor makes of a batch. */
export interface ActorLoss {
  readonly loss: number;
  /** Of ρ, mean over the batch, in nats. */
  readonly entropy: number;
}

/** ln π and π of the same logits. */
export interface Softmax {
  readonly probabilities: Float64Array;
  readonly logProbabilities: Float64Array;
}

/**
 * The actor's loss: the mean over the batch of KL(ρ ‖ π), how far π is from ρ, the policy that the critics call for at the
 * temperature: ρ = softmax(min Q / α). Its gradient by the logits is π − ρ, written to `gradients`, `[batch, actions]`.
 * Both minimise the same thing where π can be ρ; SAC takes KL(π ‖ ρ), whose gradient by a logit has π_a as a factor: an
 * action that looked bad on average is then never found again where the context makes it the best.
 * The temperature is tuned by the entropy of ρ and not of π, which lags behind it and makes the temperature swing.
 * Source: forward and reverse KL as greedification, arXiv 2107.08285, which finds that this one explores more and may settle
 * on a somewhat worse policy; so it does here where a sample tells little beforehand.
 */
export function actorLoss(policy: Softmax, wanted: Softmax, batch: number, gradients: Float64Array): ActorLoss {
  let [loss, entropy] = [0, 0];
  for (let index = 0; index < policy.probabilities.length; index++) {
    const [probability, logProbability] = [policy.probabilities[index] ?? 0, policy.logProbabilities[index] ?? 0];
    const [target, logTarget] = [wanted.probabilities[index] ?? 0, wanted.logProbabilities[index] ?? 0];
    loss += (target * (logTarget - logProbability)) / batch;
    entropy -= (target * logTarget) / batch;
    gradients[index] = (probability - target) / batch;
  }
  return { loss, entropy };
}
