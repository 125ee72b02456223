/** Rows and milliseconds before a guess is worth saying. */
const LEAST_ROWS = 20;
const LEAST_MS = 3000;

/** How fast rows have been settled since the run began or went on: what the time left is guessed from. */
export class RowRate {
  #startedAt = 0;
  #settledAtStart = 0;

  constructor(private readonly now: () => number) {}

  start(settled: number): void {
    this.#startedAt = this.now();
    this.#settledAtStart = settled;
  }

  /** Seconds until all rows are settled at the pace so far; undefined while too little is known. */
  secondsLeft(settled: number, total: number): number | undefined {
    const [rows, ms] = [settled - this.#settledAtStart, this.now() - this.#startedAt];
    if (rows < LEAST_ROWS || ms < LEAST_MS) return undefined;
    return ((total - settled) * ms) / rows / 1000;
  }
}

/** “about 4 min left” */
export function timeLeft(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  if (seconds < 60) return `about ${Math.max(Math.ceil(seconds / 10) * 10, 10)} s left`;
  if (seconds < 90 * 60) return `about ${Math.round(seconds / 60)} min left`;
  return `about ${(seconds / 3600).toFixed(1)} h left`;
}
