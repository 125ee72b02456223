/** The output of a layer for one sample: `[tokens, hidden] float32`, row-major. */
export interface HiddenState {
  readonly tokens: number;
  readonly hidden: number;
  readonly data: Float32Array;
}
