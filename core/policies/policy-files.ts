import { type Manifest, type ModelFile, taskOf } from '../model/manifest';
import { type CalibratedTrace, calibrateTrace } from '../trace/calibrated-trace';
import { decodeTrace } from '../trace/trace-file';
import type { Fitted } from './fitted';
import { filesOf } from './needs';
import type { Policy } from './policy';
import { parsePolicyData, type PolicyData } from './policy-data';

/** Reads the files of a model that policies need, each once. */
export class PolicyFiles {
  readonly #data = new Map<string, Promise<PolicyData>>();
  readonly #calibrations = new Map<string, Promise<CalibratedTrace>>();

  constructor(
    private readonly manifest: Manifest,
    private readonly read: (file: ModelFile) => Promise<Uint8Array>,
  ) {}

  /**
   * What the policy needs for a task, as far as the model brings it.
   * @throws DimeeError `BAD_MANIFEST` or `BAD_TRACE` for a file that is not valid, and what reading it throws.
   */
  async fittedFor({ needs }: Pick<Policy, 'needs'>, taskId: string): Promise<Fitted> {
    const task = taskOf(this.manifest, taskId);
    const files = filesOf(task);
    const dataFile = needs.includes('policyData') ? files.data : undefined;
    const traceFile = needs.includes('calibration') ? files.calibration : undefined;
    const [data, calibration] = await Promise.all([
      dataFile &&
        once(this.#data, taskId, async () =>
          parsePolicyData(new TextDecoder().decode(await this.read(dataFile)), taskId, this.manifest),
        ),
      traceFile &&
        once(this.#calibrations, taskId, async () =>
          calibrateTrace(decodeTrace(new Uint8Array(await this.read(traceFile))), task.temperatures),
        ),
    ]);
    return { data, calibration };
  }
}

/** A value made at its first use. A failure is not kept: the next use tries again. */
function once<Value>(made: Map<string, Promise<Value>>, key: string, make: () => Promise<Value>): Promise<Value> {
  const found = made.get(key);
  if (found) return found;
  const making = make().catch((error: unknown) => {
    made.delete(key);
    throw error;
  });
  made.set(key, making);
  return making;
}
