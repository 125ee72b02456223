/**
 * Memory that is used again. A layer's output of its own each time is hundreds of megabytes a second, which has V8 collect
 * several times a second all that it knows of, on every core.
 */
export class ReusedMemory {
  #floats = new Float32Array();

  /** Memory for so many numbers, whatever is in it; it is the caller's until the next call. */
  readonly take = (length: number): Float32Array => {
    if (this.#floats.length < length) this.#floats = new Float32Array(length);
    return this.#floats.subarray(0, length);
  };
}
