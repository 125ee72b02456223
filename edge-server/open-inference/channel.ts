import { Client, credentials, Metadata, type MethodDefinition, type ServiceError, status } from '@grpc/grpc-js';
import { LIMITS } from '../../core/protocol/limits';
import type { EngineAddress } from './address';
import { CallFailure } from './call-failure';
import type { Calls } from './messages';
import { loadService } from './service';

/** A request as it goes out. */
export interface Written {
  readonly message: Buffer;
  /** Of the message; gRPC's headers and those of HTTP/2 are not counted. */
  readonly bytes: number;
}

export interface Answer<Message> {
  readonly message: Message;
  /** As those of a request. */
  readonly bytes: number;
  readonly decodeMs: number;
}

export interface CallParts {
  readonly metadata?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until the answer is of no more use: the server is told. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

/** Bytes of a message beside its hidden state: heads, parameters, logits of all layers. */
const MESSAGE_AROUND_BYTES = 2 ** 20;
const RETRY_AFTER = 'retry-after-ms';

/** One connection of gRPC, which is made again by itself. */
export class Channel {
  readonly #client: Client;
  readonly #service = loadService();

  constructor({ target, isSecure }: EngineAddress) {
    const most = LIMITS.maxTokens * LIMITS.maxHidden * Float32Array.BYTES_PER_ELEMENT + MESSAGE_AROUND_BYTES;
    this.#client = new Client(target, isSecure ? credentials.createSsl() : credentials.createInsecure(), {
      'grpc.max_receive_message_length': most,
      'grpc.max_send_message_length': most,
      // We send once more by ourselves, and count it.
      'grpc.enable_retries': 0,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 2000,
    });
  }

  write<Name extends keyof Calls>(name: Name, request: Calls[Name]['request']): Written {
    const message = this.#method(name).requestSerialize(request);
    return { message, bytes: message.byteLength };
  }

  /** @throws CallFailure; the signal's reason once it is aborted, with the server told. */
  call<Name extends keyof Calls>(
    name: Name,
    { message }: Written,
    { metadata = {}, deadlineMs, signal }: CallParts,
  ): Promise<Answer<Calls[Name]['response']>> {
    const { path, responseDeserialize } = this.#method(name);
    const read = (bytes: Buffer): Answer<Calls[Name]['response']> => {
      const startedAt = performance.now();
      // The method's own type of answer.
      const answer = responseDeserialize(bytes) as Calls[Name]['response'];
      return { message: answer, bytes: bytes.byteLength, decodeMs: performance.now() - startedAt };
    };
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(reasonOf(signal));
      const deadline = Date.now() + deadlineMs;
      const call = this.#client.makeUnaryRequest(
        path,
        (written: Buffer) => written,
        read,
        message,
        metadataOf(metadata),
        { deadline },
        (error, answer) => {
          signal?.removeEventListener('abort', abort);
          if (signal?.aborted) reject(reasonOf(signal));
          else if (error) reject(failureOf(error));
          else if (answer) resolve(answer);
          else reject(new CallFailure('INTERNAL', 'the answer is empty', undefined));
        },
      );
      const abort = () => call.cancel();
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  close(): void {
    this.#client.close();
  }

  #method(name: keyof Calls): MethodDefinition<object, object> {
    const method = this.#service[name];
    if (method) return method;
    throw new Error(`open_inference_grpc.proto has no method ${name}.`);
  }
}

function metadataOf(values: NonNullable<CallParts['metadata']>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) metadata.set(name, value);
  return metadata;
}

function failureOf({ code, details, metadata }: ServiceError): CallFailure {
  const [told] = metadata.get(RETRY_AFTER);
  const retryAfterMs = Number(told?.toString() ?? Number.NaN);
  return new CallFailure(status[code], details, retryAfterMs >= 0 ? retryAfterMs : undefined);
}

/** Whoever aborts says why. */
function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
}
