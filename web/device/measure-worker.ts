import { DimeeError } from '../../core/errors';
import type { MeasureAnswer, MeasureRequest } from '../../core/device/messages';

/** The part of a `Worker` that a measurement needs. */
export type MeasureWorker = Pick<Worker, 'postMessage' | 'onmessage' | 'onerror' | 'terminate'>;

/** Milliseconds without a word after which a worker is given up; files may come over a slow line. */
const SILENCE_MS = 45_000;

export function startMeasureWorker(): MeasureWorker {
  return new Worker(new URL('../../worker/measure.ts', import.meta.url), { type: 'module', name: 'measure' });
}

/**
 * What a worker of its own answers to a request, to its last word; the worker then ends.
 * @throws DimeeError where it fails or falls silent; an `AbortError` once the signal is aborted.
 */
export async function* askWorker(
  start: () => MeasureWorker,
  request: MeasureRequest,
  signal: AbortSignal,
): AsyncGenerator<MeasureAnswer> {
  signal.throwIfAborted();
  const worker = start();
  const heard = new Heard(signal);
  worker.onmessage = ({ data }: MessageEvent<MeasureAnswer>) => heard.add(data);
  worker.onerror = ({ message }) => heard.fail(message || 'The worker that measures could not be started.');
  worker.postMessage(request);
  try {
    for (;;) {
      const answer = await heard.next();
      if (answer.type === 'failed') throw DimeeError.from(answer.error);
      yield answer;
      if (answer.type === 'done' || answer.type === 'surveyed') return;
    }
  } finally {
    heard.end();
    worker.terminate();
  }
}

/** Answers in the order in which they come, for whoever waits for the next. */
class Heard {
  readonly #answers: MeasureAnswer[] = [];
  #error: Error | undefined;
  #wake: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #abort = () => this.#end(new DOMException('The measurement was ended.', 'AbortError'));

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener('abort', this.#abort, { once: true });
    this.#rewind();
  }

  add(answer: MeasureAnswer): void {
    this.#answers.push(answer);
    this.#rewind();
    this.#wake?.();
  }

  fail(message: string): void {
    this.#end(new DimeeError('INTERNAL', message));
  }

  async next(): Promise<MeasureAnswer> {
    for (;;) {
      if (this.#error !== undefined) throw this.#error;
      const answer = this.#answers.shift();
      if (answer) return answer;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  end(): void {
    clearTimeout(this.#timer);
    this.signal.removeEventListener('abort', this.#abort);
  }

  #end(error: Error): void {
    this.#error ??= error;
    this.#wake?.();
  }

  #rewind(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.fail(`The worker that measures said nothing for ${SILENCE_MS / 1000} s.`),
      SILENCE_MS,
    );
  }
}
