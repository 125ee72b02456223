// Loops over all numbers read `?? 0` and not `at`, for the time it takes (`at.ts`).

const [MEAN_DECAY, SQUARE_DECAY] = [0.9, 0.999];
const EPSILON = 1e-8;

/** Adam (arXiv 1412.6980) with the paper's decays, for one array of parameters, which it changes in place. */
export class Adam {
  readonly #means: Float64Array;
  readonly #squares: Float64Array;
  #steps = 0;

  constructor(
    private readonly parameters: Float64Array,
    private readonly learningRate: number,
  ) {
    this.#means = new Float64Array(parameters.length);
    this.#squares = new Float64Array(parameters.length);
  }

  /** One step down the gradients, which are set back to 0. */
  step(gradients: Float64Array): void {
    this.#steps++;
    const meanScale = 1 / (1 - MEAN_DECAY ** this.#steps);
    const squareScale = 1 / (1 - SQUARE_DECAY ** this.#steps);
    for (let index = 0; index < gradients.length; index++) {
      const gradient = gradients[index] ?? 0;
      const mean = MEAN_DECAY * (this.#means[index] ?? 0) + (1 - MEAN_DECAY) * gradient;
      const square = SQUARE_DECAY * (this.#squares[index] ?? 0) + (1 - SQUARE_DECAY) * gradient ** 2;
      const step = (this.learningRate * mean * meanScale) / (Math.sqrt(square * squareScale) + EPSILON);
      this.parameters[index] = (this.parameters[index] ?? 0) - step;
      [this.#means[index], this.#squares[index]] = [mean, square];
    }
    gradients.fill(0);
  }
}
