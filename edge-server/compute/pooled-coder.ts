import type { HiddenState } from '../../core/hidden-state';
import { checkShape } from '../../core/ladder/check-shape';
import type { Manifest } from '../../core/model/manifest';
import type { BudgetedCodec } from '../../core/payload/coded-payload';
import { decodeHiddenState } from '../../core/payload/payload';
import { CODES_AT_ONCE, type StateCoder, type WrittenState } from '../../core/payload/state-coder';
import type { StateCodec } from '../../core/payload/state-codec';
import type { WireDtype } from '../../core/payload/payload';
import type { Asker } from '../../core/scheduling/asker';
import type { Task } from './pool';
import { sendable, shared, sharedFloats } from './shared-memory';
import { doAlone } from './tasks';

/** Plain payloads, which take microseconds, at once; coded ones in their turn, by a worker. */
export class PooledCoder implements StateCoder {
  /** By fingerprint: in memory that every worker reads. */
  readonly #codecs = new Map<number, StateCodec>();

  constructor(
    private readonly model: Pick<Manifest, 'hidden' | 'maxTokens'>,
    private readonly add: (task: Task) => void,
  ) {}

  read(written: WrittenState, asker: Asker): HiddenState | Promise<HiddenState> {
    const { payload, dtype, tokens, hidden } = written;
    if (typeof dtype !== 'string') return this.#readCoded(written, dtype, asker);
    return decodeHiddenState(payload, dtype, tokens, hidden, sharedFloats);
  }

  write(state: HiddenState, dtype: WireDtype, asker: Asker) {
    return typeof dtype === 'string' ? CODES_AT_ONCE.write(state, dtype, asker) : this.#writeCoded(state, dtype, asker);
  }

  async #readCoded(written: WrittenState, codec: StateCodec, asker: Asker): Promise<HiddenState> {
    // Before, and not after: what takes long must be of use.
    checkShape(written, this.model);
    const { payload, tokens, hidden } = written;
    const asked = { codec: this.#shared(codec), payload: new Uint8Array(payload), tokens };
    const data = await doAlone(this.add, { job: 'read', asked, part: undefined, tokens, isLong: true, asker });
    return { tokens, hidden, data };
  }

  #writeCoded({ data, tokens }: HiddenState, codec: BudgetedCodec, asker: Asker) {
    const { bytesPerToken } = codec;
    const asked = { codec: this.#shared(codec), bytesPerToken, state: sendable(data) };
    return doAlone(this.add, { job: 'write', asked, part: undefined, tokens, isLong: true, asker });
  }

  #shared(codec: StateCodec): StateCodec {
    const found = this.#codecs.get(codec.fingerprint) ?? shared(codec);
    this.#codecs.set(codec.fingerprint, found);
    return found;
  }
}
