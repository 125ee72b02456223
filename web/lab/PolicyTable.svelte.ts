import { isAbort } from '../../core/errors';
import type { Comparison } from '../../core/lab/comparison';
import { CONTENDERS } from '../../core/lab/contenders';
import type { LabSetting } from '../../core/lab/setting';
import type { TaskRow } from '../../core/lab/trial-result';
import type { Aim } from '../../core/trace/optimise';
import type { AimChoice } from './AimChoice.svelte';
import type { Lab } from './Lab.svelte';

/** A line of the table. */
export interface Line {
  readonly row: TaskRow;
  /** Measured for what is set now. An old line stands until its policy has been measured again. */
  readonly isCurrent: boolean;
}

interface Kept {
  readonly row: TaskRow;
  /** What it was measured for. */
  readonly setting: LabSetting;
  readonly aim: Aim;
}

/** All policies on what the Lab reports on, measured one after the other. */
export class PolicyTable {
  /** Of each policy the latest. */
  #kept: ReadonlyMap<string, Kept> = $state.raw(new Map());
  #running: AbortController | undefined = $state.raw();
  #problem: string | undefined = $state();

  constructor(
    private readonly lab: Pick<Lab, 'setting' | 'compute'>,
    private readonly choice: Pick<AimChoice, 'aim'>,
  ) {}

  /** In the page's order of policies. */
  readonly lines: readonly Line[] = $derived.by(() => {
    const { setting } = this.lab;
    return CONTENDERS.flatMap(({ id }) => {
      const kept = this.#kept.get(id);
      const isOfTheseRows = kept && kept.setting.evaluation === setting?.evaluation;
      return isOfTheseRows ? [{ row: kept.row, isCurrent: this.#isCurrent(kept) }] : [];
    });
  });

  /** How many policies have been measured for what is set now, and how many there are. */
  readonly done: number = $derived(this.lines.filter(({ isCurrent }) => isCurrent).length);
  readonly all = CONTENDERS.length;

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  /** The same as the command line’s, once all policies have been measured. */
  readonly comparison: Comparison | undefined = $derived.by(() =>
    this.done === this.all ? { means: [], tasks: this.lines.map(({ row }) => row) } : undefined,
  );

  /** Measures what has not been measured for what is set now. */
  async run(): Promise<void> {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    this.#problem = undefined;
    try {
      await this.#measureAll(running.signal);
    } catch (error) {
      if (!isAbort(error)) this.#problem = error instanceof Error ? error.message : String(error);
    } finally {
      if (this.#running === running) this.#running = undefined;
    }
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
  }

  async #measureAll(signal: AbortSignal): Promise<void> {
    const { setting } = this.lab;
    const { aim } = this.choice;
    if (!setting) return;
    for (const { id: policy } of CONTENDERS) {
      const kept = this.#kept.get(policy);
      if (kept && this.#isCurrent(kept)) continue;
      const row = await this.lab.compute('compare', { policy, aim }, signal);
      this.#kept = new Map(this.#kept).set(policy, { row, setting, aim });
      if (this.lab.setting !== setting || this.choice.aim !== aim) return;
    }
  }

  #isCurrent({ setting, aim }: Kept): boolean {
    return setting === this.lab.setting && aim === this.choice.aim;
  }
}
