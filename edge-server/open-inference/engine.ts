import { DimeeError } from '../../core/errors';
import type { EngineAddress } from './address';
import { CallFailure, errorOf } from './call-failure';
import type { Answer, CallParts, Channel, Written } from './channel';
import type { ModelInferRequest, ModelInferResponse } from './messages';
import { checkModel } from './model-check';
import type { Addressee } from './request';

export interface EngineOptions extends Addressee {
  readonly url: string;
  readonly address: EngineAddress;
  readonly token?: string | undefined;
}

/** An engine that speaks the Open Inference Protocol, and has one model for us. gRPC is loaded where there is one alone. */
export class Engine {
  readonly #channel: Promise<Channel>;

  constructor(private readonly options: EngineOptions) {
    this.#channel = import('./channel').then((module) => new module.Channel(options.address));
  }

  async write(request: ModelInferRequest): Promise<Written> {
    return (await this.#channel).write('ModelInfer', request);
  }

  /** @throws CallFailure; the signal's reason once it is aborted. */
  async infer(request: Written, parts: CallParts): Promise<Answer<ModelInferResponse>> {
    return (await this.#channel).call('ModelInfer', request, this.#authorized(parts));
  }

  /**
   * Resolves where the server is ready, has our model, and that is ready.
   * @throws DimeeError `MODEL_MISMATCH`, `UNAUTHORIZED` or `TIER_UNAVAILABLE`.
   */
  async check(deadlineMs: number): Promise<void> {
    const { url, manifest } = this.options;
    const channel = await this.#channel;
    const parts = this.#authorized({ deadlineMs });
    const ask = async <Name extends 'ServerReady' | 'ModelReady' | 'ModelMetadata'>(
      name: Name,
      request: Parameters<typeof channel.write<Name>>[1],
    ) => (await channel.call(name, channel.write(name, request), parts)).message;
    try {
      if (!(await ask('ServerReady', {})).ready) throw unready(url, 'is not ready');
      // Without a version, so that an engine with another one says which.
      checkModel(await ask('ModelMetadata', { name: manifest.id, version: '' }), this.options, url);
      const model = { name: manifest.id, version: manifest.hash };
      if (!(await ask('ModelReady', model)).ready) throw unready(url, `does not have ${manifest.id} ready`);
    } catch (error) {
      throw error instanceof CallFailure ? errorOfCheck(error, url) : error;
    }
  }

  async close(): Promise<void> {
    (await this.#channel).close();
  }

  #authorized(parts: CallParts): CallParts {
    const { token } = this.options;
    const authorization = token === undefined ? undefined : `Bearer ${token}`;
    return { ...parts, metadata: { ...parts.metadata, authorization } };
  }
}

function unready(url: string, problem: string): DimeeError {
  return new DimeeError('TIER_UNAVAILABLE', `The cloud tier at ${url} ${problem}.`, { retryable: true });
}

/** Of calls that have no content of ours: what is not about model or token says that the engine is away. */
function errorOfCheck(failure: CallFailure, url: string): DimeeError {
  const error = errorOf(failure, url);
  if (error.code === 'MODEL_MISMATCH' || error.code === 'UNAUTHORIZED') return error;
  return unready(url, `does not answer (${failure.message})`);
}
