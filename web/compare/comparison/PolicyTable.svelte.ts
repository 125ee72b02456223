import type { Comparison } from '../../../core/lab/comparison';
import { type Contender, CONTENDERS } from '../../../core/lab/contenders';
import type { LabSetting } from '../../../core/lab/setting';
import type { Measured, TaskRow } from '../../../core/lab/trial-result';
import type { Aim } from '../../../core/tuning/optimise';
import type { Settings } from '../../state/Settings.svelte';
import type { Lab } from '../Lab.svelte';
import { Work } from '../jobs/Work.svelte';

/** A line of the table. */
export interface PolicyLine {
  readonly row: TaskRow;
  readonly measured: Measured;
  /** Measured for what is set now. An old line stands until its policy has been measured again. */
  readonly isCurrent: boolean;
}

interface Kept {
  readonly measured: Measured;
  /** What it was measured for. */
  readonly setting: LabSetting;
  readonly aim: Aim;
}

/** Whether a policy is to be measured. */
type Wanted = (contender: Contender) => boolean;

const everyone: Wanted = () => true;

/** How long a slider must rest before policies are measured anew. */
const QUIET_MS = 250;

/** All policies on what the Lab reports on, measured one after the other. */
export class PolicyTable extends Work {
  /** Of each policy the latest. */
  #kept: ReadonlyMap<string, Kept> = $state.raw(new Map());
  #isHalted = $state(false);

  constructor(
    private readonly lab: Pick<Lab, 'setting' | 'compute'>,
    private readonly settings: Pick<Settings, 'aim'>,
  ) {
    super();
  }

  /** In the page's order of policies. */
  readonly lines: readonly PolicyLine[] = $derived.by(() => {
    const { setting } = this.lab;
    return CONTENDERS.flatMap(({ id }) => {
      const kept = this.#kept.get(id);
      const isOfTheseRows = kept && kept.setting.evaluation === setting?.evaluation;
      if (!isOfTheseRows) return [];
      const { measured } = kept;
      return [{ row: measured.row, measured, isCurrent: this.#isCurrent(kept) }];
    });
  });

  /** How many policies have been measured for what is set now, and how many there are. */
  readonly done: number = $derived(this.lines.filter(({ isCurrent }) => isCurrent).length);
  readonly all = CONTENDERS.length;

  /** Whether the person has stopped it. */
  get isHalted(): boolean {
    return this.#isHalted;
  }

  /** The same as the command line’s, once all policies have been measured. */
  readonly comparison: Comparison | undefined = $derived.by(() =>
    this.done === this.all ? { means: [], tasks: this.lines.map(({ row }) => row) } : undefined,
  );

  /** Measures what has not been measured for what is set now. */
  run(wants: Wanted = everyone): Promise<void> {
    this.#isHalted = false;
    return this.do((signal) => this.#measureAll(signal, wants));
  }

  halt(): void {
    this.#isHalted = true;
    this.stop();
  }

  /**
   * To be called where a component is set up: for as long as that is there, measures those that it wants anew whenever
   * settings have rested.
   */
  keepUp(wants: Wanted = everyone): void {
    $effect(() => {
      void [this.lab.setting, this.settings.aim];
      const timer = setTimeout(() => void this.run(wants), QUIET_MS);
      return () => {
        clearTimeout(timer);
        this.stop();
      };
    });
  }

  async #measureAll(signal: AbortSignal, wants: Wanted): Promise<void> {
    const { setting } = this.lab;
    const { aim } = this.settings;
    if (!setting) return;
    for (const { id: policy } of CONTENDERS.filter(wants)) {
      const kept = this.#kept.get(policy);
      if (kept && this.#isCurrent(kept)) continue;
      const measured = await this.lab.compute('compare', { policy, aim }, signal);
      this.#kept = new Map(this.#kept).set(policy, { measured, setting, aim });
      if (this.lab.setting !== setting || this.settings.aim !== aim) return;
    }
  }

  #isCurrent({ setting, aim }: Kept): boolean {
    return setting === this.lab.setting && aim === this.settings.aim;
  }
}
