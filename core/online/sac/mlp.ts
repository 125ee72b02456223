import { at, lastOf } from '../../numbers/at';
import { drawLot } from '../../numbers/lots';

// Loops over all numbers read `?? 0` and not `at`, for the time it takes (`at.ts`).

/** One layer of weights: `[outputs, inputs]`, then one bias an output, from `start` in the parameters. */
interface Dense {
  readonly inputs: number;
  readonly outputs: number;
  readonly start: number;
}

/**
 * A multilayer perceptron with tanh between its layers and none after the last, for batches up to a fixed size. All its
 * parameters are one array, so that an optimiser and a target network need not know its shape. Activations are kept from
 * `forward` for `backward`; both give views of its own memory, which the next call overwrites.
 */
export class Mlp {
  readonly parameters: Float64Array;
  /** Σ over the batch of the loss's gradient, in the order of `parameters`; `backward` adds to it. */
  readonly gradients: Float64Array;
  readonly #layers: readonly Dense[];
  /** Of the input and of every layer's output, `[batch, size]`. */
  readonly #activations: readonly Float64Array[];
  readonly #deltas: readonly Float64Array[];

  /**
   * Weights are drawn evenly from ±√(3/inputs), which keeps the size of what passes through; those of the last layer are
   * a tenth of that, so that all outputs begin near `firstOutput`. `sizes` are those of the input, the hidden layers and the
   * output.
   */
  constructor(sizes: readonly number[], largestBatch: number, seed: number, firstOutput = 0) {
    let start = 0;
    this.#layers = sizes.slice(1).map((outputs, index) => {
      const layer = { inputs: at(sizes, index), outputs, start };
      start += (layer.inputs + 1) * outputs;
      return layer;
    });
    this.parameters = new Float64Array(start);
    this.gradients = new Float64Array(start);
    this.#activations = sizes.map((size) => new Float64Array(size * largestBatch));
    this.#deltas = sizes.map((size) => new Float64Array(size * largestBatch));
    this.#layers.forEach((layer, index) => {
      const shrink = index === this.#layers.length - 1 ? 0.1 : 1;
      const bound = shrink * Math.sqrt(3 / layer.inputs);
      for (let at = layer.start; at < layer.start + layer.inputs * layer.outputs; at++) {
        this.parameters[at] = bound * (2 * drawLot(seed, at) - 1);
      }
    });
    this.parameters.fill(firstOutput, start - lastOf(sizes));
  }

  /** Outputs `[batch, outputs]` for inputs `[batch, inputs]`. */
  forward(inputs: Float64Array, batch: number): Float64Array {
    let values = at(this.#activations, 0);
    values.set(inputs.subarray(0, batch * at(this.#layers, 0).inputs));
    this.#layers.forEach((layer, index) => {
      const outputs = at(this.#activations, index + 1);
      this.#pass(layer, values, outputs, batch, index < this.#layers.length - 1);
      values = outputs;
    });
    return values.subarray(0, batch * lastOf(this.#layers).outputs);
  }

  /** Adds to the gradients what the loss's gradient by the outputs of the last `forward`, `[batch, outputs]`, makes of them. */
  backward(outputGradients: Float64Array, batch: number): void {
    lastOf(this.#deltas).set(outputGradients.subarray(0, batch * lastOf(this.#layers).outputs));
    for (let index = this.#layers.length - 1; index >= 0; index--) {
      const layer = this.#layers[index];
      const [inputs, delta, before] = [this.#activations[index], this.#deltas[index + 1], this.#deltas[index]];
      if (!layer || !inputs || !delta || !before) return;
      this.#collect(layer, inputs, delta, batch);
      if (index > 0) this.#passBack(layer, inputs, delta, before, batch);
    }
  }

  #pass({ inputs, outputs, start }: Dense, from: Float64Array, to: Float64Array, batch: number, isHidden: boolean) {
    const weights = this.parameters;
    const biases = start + inputs * outputs;
    for (let row = 0; row < batch; row++) {
      for (let output = 0; output < outputs; output++) {
        let sum = weights[biases + output] ?? 0;
        const [place, first] = [start + output * inputs, row * inputs];
        for (let input = 0; input < inputs; input++) sum += (weights[place + input] ?? 0) * (from[first + input] ?? 0);
        to[row * outputs + output] = isHidden ? Math.tanh(sum) : sum;
      }
    }
  }

  #collect({ inputs, outputs, start }: Dense, from: Float64Array, delta: Float64Array, batch: number): void {
    const { gradients } = this;
    const biases = start + inputs * outputs;
    for (let row = 0; row < batch; row++) {
      for (let output = 0; output < outputs; output++) {
        const slope = delta[row * outputs + output] ?? 0;
        if (slope === 0) continue;
        const [place, first] = [start + output * inputs, row * inputs];
        for (let input = 0; input < inputs; input++) {
          gradients[place + input] = (gradients[place + input] ?? 0) + slope * (from[first + input] ?? 0);
        }
        gradients[biases + output] = (gradients[biases + output] ?? 0) + slope;
      }
    }
  }

  /** Through the weights and the tanh before them, whose slope is 1 − tanh². */
  #passBack(
    { inputs, outputs, start }: Dense,
    from: Float64Array,
    delta: Float64Array,
    before: Float64Array,
    batch: number,
  ): void {
    before.fill(0, 0, batch * inputs);
    for (let row = 0; row < batch; row++) {
      for (let output = 0; output < outputs; output++) {
        const slope = delta[row * outputs + output] ?? 0;
        if (slope === 0) continue;
        const [place, first] = [start + output * inputs, row * inputs];
        for (let input = 0; input < inputs; input++) {
          before[first + input] = (before[first + input] ?? 0) + slope * (this.parameters[place + input] ?? 0);
        }
      }
    }
    for (let index = 0; index < batch * inputs; index++) {
      before[index] = (before[index] ?? 0) * (1 - (from[index] ?? 0) ** 2);
    }
  }
}
