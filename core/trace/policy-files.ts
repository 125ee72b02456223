import { LazyMap } from '../lazy';
import { type Manifest, type ModelFile, taskOf } from '../model/manifest';
import type { CalibrationExits, Fitted } from '../policies/fitted';
import { filesOf, type FittedSource } from '../policies/needs';
import type { Policy } from '../policies/policy';
import { parsePolicyData, type PolicyData } from '../policies/policy-data';
import type { Disagreements } from '../policies/disagreements';
import { type CalibratedTrace, calibrateTrace } from './calibrated-trace';
import { countDisagreements } from './disagreements';
import { decodeTrace } from './trace-file';

/** Reads the files of a model that policies need, each once. All is keyed by task. */
export class PolicyFiles implements FittedSource {
  readonly #data = new LazyMap((task: string) => this.#readData(task));
  readonly #calibrations = new LazyMap((task: string) => this.#readTrace(task, 'calibration'));
  readonly #noised = new LazyMap((task: string) => this.#readTrace(task, 'noised'));
  readonly #disagreements = new LazyMap((task: string) => this.#countDisagreements(task));
  readonly #exits = new LazyMap((task: string) => this.#readExits(task));

  constructor(
    private readonly manifest: Manifest,
    private readonly read: (file: ModelFile) => Promise<Uint8Array>,
  ) {}

  /**
   * What the policy needs for a task, as far as the model brings it.
   * @throws DimeeError `BAD_MANIFEST` or `BAD_TRACE` for a file that is not valid, and what reading it throws.
   */
  async fittedFor({ needs }: Pick<Policy, 'needs'>, task: string): Promise<Fitted> {
    const [data, disagreements, calibration] = await Promise.all([
      needs.includes('policyData') ? this.#data.get(task) : undefined,
      needs.includes('disagreements') ? this.#disagreements.get(task) : undefined,
      needs.includes('calibration') ? this.#exits.get(task) : undefined,
    ]);
    return { data, disagreements, calibration };
  }

  /**
   * The rows that parameters are chosen on, with their exits calibrated; undefined where the model brings none.
   * @throws DimeeError `BAD_TRACE` for a file that is not valid, and what reading it throws.
   */
  calibrationOf(task: string): Promise<CalibratedTrace | undefined> {
    return this.#calibrations.get(task);
  }

  /**
   * Rows of the dev split as people mistype them, for what a shift looks like; undefined where the model brings none.
   * @throws DimeeError as `calibrationOf`.
   */
  noisedOf(task: string): Promise<CalibratedTrace | undefined> {
    return this.#noised.get(task);
  }

  async #readData(task: string): Promise<PolicyData | undefined> {
    const { data } = filesOf(taskOf(this.manifest, task));
    return data && parsePolicyData(new TextDecoder().decode(await this.read(data)), task, this.manifest);
  }

  async #readTrace(task: string, split: string): Promise<CalibratedTrace | undefined> {
    const { traces, temperatures } = taskOf(this.manifest, task);
    const file = traces[split];
    return file && calibrateTrace(decodeTrace(new Uint8Array(await this.read(file))), temperatures);
  }

  async #readExits(task: string): Promise<CalibrationExits | undefined> {
    const calibration = await this.calibrationOf(task);
    if (!calibration) return undefined;
    const { rows, layers, classes, gold } = calibration.trace;
    return { rows, layers, classes, gold, probabilities: calibration.probabilities };
  }

  async #countDisagreements(task: string): Promise<Disagreements | undefined> {
    const calibration = await this.calibrationOf(task);
    return calibration && countDisagreements(calibration);
  }
}
