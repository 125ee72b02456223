import { untrack } from 'svelte';
import { isAbort, messageOf } from '../../../core/errors';
import type { Curve } from '../../../core/lab/frontier';
import type { LabSetting } from '../../../core/lab/setting';
import type { Lab } from '../Lab.svelte';

interface MadeCurve {
  readonly setting: LabSetting;
  readonly curve: Curve | undefined;
  readonly problem: string | undefined;
}

/**
 * The curves of policies under the current setting, computed one after the other in the order they are wanted. After a
 * change the first is there soonest, and the others are drawn as they were until their turn comes.
 */
export class FrontierCurves {
  /** By policy. */
  #made: ReadonlyMap<string, MadeCurve> = $state.raw(new Map());
  #running: string | undefined = $state();
  readonly #closing = new AbortController();

  /** To be made where a component is set up. */
  constructor(
    private readonly lab: Lab,
    private readonly wanted: () => readonly string[],
  ) {
    $effect(() => {
      const next = this.#next;
      if (next !== undefined && this.#running === undefined) untrack(() => void this.#make(next));
    });
    $effect(() => () => this.#closing.abort());
  }

  /** Those of the policies wanted that are there, in their order. */
  readonly curves: readonly Curve[] = $derived.by(() =>
    this.wanted().flatMap((policy) => this.#of(policy)?.curve ?? []),
  );

  readonly problems: readonly string[] = $derived.by(() =>
    this.wanted().flatMap((policy) => this.#of(policy)?.problem ?? []),
  );

  /** Whether there are still some to come. */
  get isBusy(): boolean {
    return this.#next !== undefined || this.#running !== undefined;
  }

  /** What was made of these rows. */
  #of(policy: string): MadeCurve | undefined {
    const made = this.#made.get(policy);
    return made?.setting.evaluation === this.lab.setting?.evaluation ? made : undefined;
  }

  get #next(): string | undefined {
    const { setting } = this.lab;
    return setting && this.wanted().find((policy) => this.#made.get(policy)?.setting !== setting);
  }

  async #make(policy: string): Promise<void> {
    const { setting } = this.lab;
    if (!setting) return;
    this.#running = policy;
    try {
      const curve = await this.lab.compute('frontier', { policy }, this.#closing.signal);
      this.#keep(policy, { setting, curve, problem: undefined });
    } catch (error) {
      const problem = messageOf(error);
      if (!isAbort(error)) this.#keep(policy, { setting, curve: undefined, problem });
    }
    if (!this.#closing.signal.aborted) this.#running = undefined;
  }

  #keep(policy: string, made: MadeCurve): void {
    this.#made = new Map(this.#made).set(policy, made);
  }
}
