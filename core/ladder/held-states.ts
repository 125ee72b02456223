import type { LayerIndex } from '../layers';
import type { HiddenState } from '../hidden-state';

interface Held {
  readonly afterLayer: LayerIndex;
  readonly state: HiddenState;
}

/** The hidden states at which samples stopped, so that they can climb on. Bounded in bytes; the oldest is dropped. */
export class HeldStates {
  #entries = new Map<string, Held>();
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  set(sampleKey: string, afterLayer: LayerIndex, state: HiddenState): void {
    this.delete(sampleKey);
    this.#entries.set(sampleKey, { afterLayer, state: alone(state) });
    this.#bytes += state.data.byteLength;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.maxBytes) break;
      this.delete(oldest);
    }
  }

  /** The sample's state after exactly that layer, if it is still here. */
  get(sampleKey: string, afterLayer: LayerIndex): HiddenState | undefined {
    const held = this.#entries.get(sampleKey);
    return held?.afterLayer === afterLayer ? held.state : undefined;
  }

  delete(sampleKey: string): void {
    this.#bytes -= this.#entries.get(sampleKey)?.state.data.byteLength ?? 0;
    this.#entries.delete(sampleKey);
  }
}

/** The state without what else lies in its buffer: one row of a batch must not keep all of it. */
function alone(state: HiddenState): HiddenState {
  const { data } = state;
  return data.byteLength === data.buffer.byteLength ? state : { ...state, data: data.slice() };
}
