import type { PlannedNetwork } from '../../../core/lab/network';
import type { Plan } from '../../../core/layers';
import type { Equipment } from '../../../core/network/equipment';
import type { PlanAim } from '../../../core/network/joint-plan';
import type { NetworkId } from '../../../core/network/profiles';
import type { PolicyChoice } from '../../../core/policies';
import { spinn } from '../../../core/policies/spinn';
import type { Commands } from '../../contexts';
import type { Settings } from '../../state/Settings.svelte';
import type { Lab, LabSource } from '../Lab.svelte';
import { Work } from '../jobs/Work.svelte';

/** What was found, and for what. */
interface FoundPlan {
  readonly answer: PlannedNetwork;
  readonly source: LabSource | undefined;
  readonly network: NetworkId;
  readonly aim: PlanAim;
}

/** Puts the joint plan for a network onto policy, sliders and split. */
export class NetworkPlanner extends Work {
  kind: PlanAim['kind'] = $state('allowedLoss');
  /** In points of accuracy. */
  allowedLoss = $state(0.3);
  timeLimitMs = $state(50);
  #found: FoundPlan | undefined = $state.raw();

  constructor(
    private readonly lab: Pick<Lab, 'source' | 'compute'>,
    private readonly settings: Settings,
    private readonly commands: Pick<Commands, 'setPlan'>,
  ) {
    super();
  }

  readonly aim: PlanAim = $derived.by(() =>
    this.kind === 'allowedLoss'
      ? { kind: 'allowedLoss', points: this.allowedLoss }
      : { kind: 'timeLimit', ms: this.timeLimitMs },
  );

  /** Undefined where nothing was looked for yet, and where it was for another network or other rows. */
  get found(): FoundPlan | undefined {
    const isCurrent = this.#found?.source === this.lab.source && this.#found?.network === this.settings.fields.network;
    return isCurrent ? this.#found : undefined;
  }

  /** Sets nothing where meanwhile another task or network has been chosen. */
  run(equipment: Equipment): Promise<void> {
    return this.do((signal) => this.#plan(equipment, signal));
  }

  async #plan(equipment: Equipment, signal: AbortSignal): Promise<void> {
    const { lab, settings } = this;
    const { source } = lab;
    const { network } = settings.fields;
    const { aim } = this;
    const answer = await lab.compute('plan', { network, custom: settings.networkLink, equipment, aim }, signal);
    if (lab.source !== source || settings.fields.network !== network) return;
    const { plan, threshold } = answer.joint;
    this.#set(plan, { id: spinn.id, parameters: { threshold } });
    this.#found = { answer, source, network, aim };
  }

  #set(plan: Plan, { id, parameters }: PolicyChoice): void {
    this.settings.set({ policy: id });
    this.settings.setParameters(parameters);
    this.commands.setPlan(plan);
  }
}
