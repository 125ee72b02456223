import { errorData, isAbort } from '../errors';
import type { SampleInput, Tier } from '../ladder/tier';
import type { TierName } from '../layers';
import { NO_CODECS, type StateCodecs } from '../payload/state-codecs';
import { PROTOCOL_VERSION } from '../protocol/limits';
import { type InferMessage, parseClientMessage } from '../protocol/messages';
import { decodeTensorFrame } from '../protocol/tensor-frame';
import type { FakeSocket } from './socket-pair';

export interface FakeTierServerOptions {
  readonly tier: Tier;
  readonly name?: TierName;
  readonly maxInFlight?: number;
  readonly codecs?: Pick<StateCodecs, 'get'>;
}

/** Speaks the server's side of `dimee.v1` on one connection, to a client that keeps the rules. */
export function serveTier(socket: FakeSocket, options: FakeTierServerOptions): void {
  const { tier, name = 'edge', maxInFlight = 64, codecs = NO_CODECS } = options;
  const cancels = new Map<number, AbortController>();
  let announced: InferMessage | undefined;
  const send = (message: unknown) => socket.send(JSON.stringify(message));

  async function answer(infer: InferMessage, input: SampleInput): Promise<void> {
    const { requestId, ...request } = infer;
    const cancel = new AbortController();
    cancels.set(requestId, cancel);
    try {
      send({ type: 'result', requestId, ...(await tier.infer({ ...request, input }, cancel.signal)) });
    } catch (error) {
      if (!isAbort(error)) send({ type: 'error', requestId, ...errorData(error) });
    } finally {
      cancels.delete(requestId);
    }
  }

  function receive(json: string): void {
    const message = parseClientMessage(json);
    switch (message.type) {
      case 'hello': {
        const { modelHash, variant } = message;
        return send({ type: 'welcome', protocol: PROTOCOL_VERSION, tier: name, modelHash, variant, maxInFlight });
      }
      case 'infer':
        if (message.input.kind === 'hiddenState') announced = message;
        else void answer(message, message.input);
        return;
      case 'cancel':
        return cancels.get(message.requestId)?.abort();
      case 'ping':
        return send({ type: 'pong', id: message.id });
    }
  }

  socket.onmessage = ({ data }) => {
    if (typeof data === 'string') return receive(data);
    if (!(data instanceof ArrayBuffer) || !announced) throw new Error('A frame came that no infer announced.');
    const { state } = decodeTensorFrame(new Uint8Array(data), codecs);
    void answer(announced, { kind: 'hiddenState', state });
    announced = undefined;
  };
}
