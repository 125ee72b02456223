import type { Optimised } from '../../../core/lab/optimise-job';
import type { LabSetting } from '../../../core/lab/setting';
import type { PolicyChoice } from '../../../core/policies';
import type { Aim } from '../../../core/tuning/optimise';
import type { Settings } from '../../state/Settings.svelte';
import type { Lab } from '../Lab.svelte';
import { Work } from '../jobs/Work.svelte';

/** What was found, for what, and what it took the place of. */
interface FoundParameters {
  readonly answer: Optimised;
  readonly setting: LabSetting;
  readonly aim: Aim;
  readonly before: PolicyChoice;
}

/** Puts the best parameters of the page's policy onto its sliders, unless those that stand there are no worse. */
export class Optimiser extends Work {
  #found: FoundParameters | undefined = $state.raw();

  constructor(
    private readonly lab: Pick<Lab, 'setting' | 'compute'>,
    private readonly settings: Pick<Settings, 'policy' | 'parameters' | 'aim' | 'set' | 'setParameters'>,
  ) {
    super();
  }

  /** Undefined where nothing was looked for yet, and where it was under another task, plan or costs. */
  get found(): Omit<FoundParameters, 'setting'> | undefined {
    return this.#found?.setting === this.lab.setting ? this.#found : undefined;
  }

  /** Does nothing to the sliders where meanwhile another policy has been chosen. */
  run(): Promise<void> {
    return this.do((signal) => this.#optimise(signal));
  }

  async #optimise(signal: AbortSignal): Promise<void> {
    const { setting } = this.lab;
    if (!setting) return;
    const { aim } = this.settings;
    const before = { id: this.settings.policy.id, parameters: this.settings.parameters };
    const job = { policy: before.id, aim, current: before.parameters };
    const answer = await this.lab.compute('optimise', job, signal);
    if (this.settings.policy.id !== before.id || this.lab.setting !== setting) return;
    this.#found = { answer, setting, aim, before };
    if (answer.before?.isBetter !== true) this.take('after');
  }

  /** Puts what was there before, or what was found, onto the sliders; nothing where the policy lacks something. */
  take(which: 'before' | 'after'): void {
    if (!this.#found) return;
    const { before, answer } = this.#found;
    if (answer.row.missing !== null) return;
    this.settings.set({ policy: before.id });
    this.settings.setParameters(which === 'before' ? before.parameters : answer.row.parameters);
  }
}
