import { DimeeError, isAbort, messageOf } from '../core/errors';
import type { Texts } from '../core/model/tokens';
import { RowRate, timeLeft } from '../core/own-data/row-rate';

/** How rows are taken, and what is told of it. */
export interface WalkOptions {
  /** Aborted by whoever wants it to end early. */
  readonly signal: AbortSignal;
  /** Seconds that a tier which does not answer is waited for; undefined waits once something was answered, and then as long as is usual. */
  readonly giveUpAfter: number | undefined;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** For what people should know at once. */
  readonly tell: (line: string) => void;
  readonly onProgress: (done: number, rows: number, left: string) => void;
}

/** A row that gave no answer, by its place. */
export interface FailedRow {
  readonly row: number;
  readonly message: string;
}

/** How a walk ended: rows that failed by themselves, and what ended it before its last row. */
export interface WalkEnd {
  readonly failed: readonly FailedRow[];
  readonly problem: Error | undefined;
}

/** Takes each row that is not known to its answer; `take` is told of answers in order. */
export type Walk = <Answer>(
  rows: readonly Texts[],
  answer: (texts: Texts, signal: AbortSignal) => Promise<Answer>,
  take: (row: number, answer: Answer) => void,
  isKnown?: (row: number) => boolean,
) => Promise<WalkEnd>;

export const USUAL_PATIENCE_S = 120;
const PAUSE_MS = { first: 250, longest: 5000 };

/**
 * A walk that outlives a tier that goes away for a while: what may succeed later is tried again until it has failed for
 * `giveUpAfter` seconds. A row whose own text is at fault fails alone; everything else ends the walk, and what was
 * answered stays.
 */
export function patientWalk(options: WalkOptions): Walk {
  const patience = new Patience(options);
  return async (rows, answer, take, isKnown = () => false) => {
    const rate = new RowRate(options.now);
    const failed: FailedRow[] = [];
    let done = [...rows.keys()].filter(isKnown).length;
    rate.start(done);
    try {
      for (const [row, texts] of rows.entries()) {
        if (isKnown(row)) continue;
        options.signal.throwIfAborted();
        try {
          take(row, await patience.until(() => answer(texts, options.signal)));
        } catch (error) {
          if (!isOfRow(error)) throw error;
          failed.push({ row, message: messageOf(error) });
        }
        done++;
        options.onProgress(done, rows.length, timeLeft(rate.secondsLeft(done, rows.length)));
      }
    } catch (error) {
      return { failed, problem: error instanceof Error ? error : new Error(messageOf(error)) };
    }
    return { failed, problem: undefined };
  };
}

/** Tries again what may succeed later. */
class Patience {
  #hasAnswered = false;

  constructor(private readonly options: WalkOptions) {}

  async until<Answer>(attempt: () => Promise<Answer>): Promise<Answer> {
    const { now, sleep, signal, tell } = this.options;
    let since: number | undefined;
    for (let pauseMs = PAUSE_MS.first; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MS.longest)) {
      try {
        const answer = await attempt();
        if (since !== undefined) tell(`Goes on after ${seconds(now() - since)}.`);
        this.#hasAnswered = true;
        return answer;
      } catch (error) {
        const patienceS = this.options.giveUpAfter ?? (this.#hasAnswered ? USUAL_PATIENCE_S : 0);
        if (isAbort(error) || !(error instanceof DimeeError && error.retryable)) throw error;
        if (since === undefined && patienceS > 0) tell(`${error.message} Waiting for up to ${patienceS} s.`);
        since ??= now();
        if (now() - since >= 1000 * patienceS) throw gaveUp(error, patienceS);
        await sleep(pauseMs, signal);
      }
    }
  }
}

function gaveUp(error: DimeeError, patienceS: number): DimeeError {
  if (patienceS === 0) return error;
  const message = `${error.message} Gave up after ${patienceS} s (--give-up-after).`;
  return new DimeeError(error.code, message, { cause: error });
}

/** The row itself cannot be answered, now or later. */
function isOfRow(error: unknown): boolean {
  return error instanceof DimeeError && ['BAD_INPUT', 'LIMIT_EXCEEDED'].includes(error.code) && !error.retryable;
}

function seconds(ms: number): string {
  return `${Math.max(1, Math.round(ms / 1000))} s`;
}
