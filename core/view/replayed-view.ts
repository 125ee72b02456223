import { clampPlan, type Plan, type Stretch, stretchesOf } from '../layers';
import { type Manifest, type ModelFile, type Task, taskOf } from '../model/manifest';
import { calibratedParameters, defaultParameters, type Policy, policyById, type PolicyParameters } from '../policies';
import { type CalibratedTrace, calibrateTrace } from '../trace/calibrated-trace';
import { evaluate, type Evaluation } from '../trace/evaluate';
import type { PolicyFiles } from '../trace/policy-files';
import { decodeTrace } from '../trace/trace-file';
import { LazyMap } from '../lazy';
import { defaultFields, type Fields, fieldTable } from './fields';
import type { LinkContent } from './link';

/** A link's view as the page would open it, with what its settings do to the task's recorded dev split. */
export interface ReplayedView {
  readonly fields: Fields;
  readonly task: Task;
  readonly policy: Policy;
  readonly parameters: PolicyParameters;
  readonly plan: Plan;
  readonly stretches: readonly Stretch[];
  readonly layers: number;
  readonly evaluation: Evaluation;
}

/** Replays links where there is no page: the server's pictures of them. Traces are read once. */
export class ViewReplay {
  readonly #traces = new LazyMap((task: string) => this.#traceOf(task));

  constructor(
    private readonly manifest: Manifest,
    private readonly files: Pick<PolicyFiles, 'fittedFor'>,
    private readonly read: (file: ModelFile) => Promise<Uint8Array>,
  ) {}

  /**
   * Undefined where the model brings no dev split for the task.
   * @throws DimeeError `BAD_INPUT` where the policy needs what was not recorded, and what reading the model's files throws.
   */
  async of(link: Pick<LinkContent, 'fields' | 'parameters'>): Promise<ReplayedView | undefined> {
    const { layers } = this.manifest;
    const fields = { ...defaultFields(fieldTable(this.manifest)), ...link.fields };
    const calibrated = await this.#traces.get(fields.task);
    if (!calibrated) return undefined;
    const [task, policy, plan] = [
      taskOf(this.manifest, fields.task),
      policyById(fields.policy),
      clampPlan(fields, layers),
    ];
    const parameters = {
      ...defaultParameters(policy, layers),
      ...calibratedParameters(policy, layers, task.thresholds),
      ...link.parameters,
    };
    const stretches = stretchesOf(policy.route, plan, layers);
    const fitted = await this.files.fittedFor(policy, fields.task);
    const evaluation = evaluate(calibrated, { policy, parameters, stretches, fitted }, fields);
    return { fields, task, policy, parameters, plan, stretches, layers, evaluation };
  }

  async #traceOf(id: string): Promise<CalibratedTrace | undefined> {
    const { traces, temperatures } = taskOf(this.manifest, id);
    return traces.dev && calibrateTrace(decodeTrace(new Uint8Array(await this.read(traces.dev))), temperatures);
  }
}
