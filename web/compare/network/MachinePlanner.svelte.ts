import type { MachinesJob, PlannedMachines } from '../../../core/lab/machines';
import type { Settings } from '../../state/Settings.svelte';
import { Work } from '../jobs/Work.svelte';
import type { Lab } from '../Lab.svelte';

/** Finds how many machines so many people need. */
export class MachinePlanner extends Work {
  users = $state(300);
  ratePerUser = $state(1);
  p95Ms = $state(500);
  isApart = $state(false);
  #found: { readonly answer: PlannedMachines; readonly asked: MachinesJob } | undefined = $state.raw();

  constructor(
    private readonly lab: Pick<Lab, 'compute'>,
    private readonly settings: Pick<Settings, 'policy' | 'parameters'>,
  ) {
    super();
  }

  /** The latest answer, and what it answers. */
  get found() {
    return this.#found;
  }

  /** Simulates; what was found before stands until there is another. */
  async run(): Promise<void> {
    const { users, ratePerUser, p95Ms, isApart } = this;
    const { policy, parameters } = this.settings;
    const asked = { choice: { id: policy.id, parameters }, users, ratePerUser, p95Ms, isApart };
    await this.do(async (signal) => {
      this.#found = { answer: await this.lab.compute('machines', asked, signal), asked };
    });
  }
}
