import { DimeeError } from '../core/errors';
import { type ExitRule, Follower } from '../core/ladder/ascent';
import { checkPlace } from '../core/ladder/check-place';
import { stretchAt, stretchesOf, toLayer } from '../core/layers';
import { type Manifest, parseManifest } from '../core/model/manifest';
import { POLICIES, type Policy, resolvePolicy } from '../core/policies';
import { availableLive, whatIsMissing } from '../core/policies/needs';
import { PolicyFiles } from '../core/trace/policy-files';
import { bytesOf, Utf8Decoder } from './bare-bytes';

/* The exit rule as the engine's replicas run it: one script for a bare V8, without Node and without a browser. */

Object.assign(globalThis, { TextDecoder: Utf8Decoder });

/** What a sample brings with it; `startLayer` is the first one that runs here. */
export interface EngineSample extends Omit<ExitRule, 'lastLayer'> {
  readonly key: string;
}

/** A layer was run for a sample. */
type Step = readonly [key: string, logits: readonly number[], saturation: number | null];

/** Why a sample is not taken: `policy` where this engine cannot run its policy, `input` where its request is wrong. */
interface Refusal {
  readonly kind: 'policy' | 'input';
  readonly message: string;
}

/** Samples on their way, each with what decides where it leaves. */
class ExitRules {
  readonly #followers = new Map<string, Follower>();
  readonly #files: PolicyFiles;

  constructor(
    private readonly manifest: Manifest,
    files: Readonly<Record<string, string>>,
  ) {
    this.#files = new PolicyFiles(manifest, ({ path }) => {
      const characters = files[path];
      if (characters !== undefined) return Promise.resolve(bytesOf(characters));
      throw new DimeeError('MODEL_UNAVAILABLE', `The model's file ${path} was not given.`);
    });
  }

  /** Whether the policy looks at how alike the states before and after a layer are; a refusal where it cannot be run. */
  async begin(sample: EngineSample): Promise<{ readonly seesSaturation: boolean } | Refusal> {
    const policy = POLICIES.find(({ id }) => id === sample.policy.id);
    if (!policy) return { kind: 'policy', message: `This engine has no policy “${sample.policy.id}”.` };
    try {
      const refusal = await this.#refusalOf(policy, sample);
      if (refusal) return refusal;
      const fitted = await this.#files.fittedFor(policy, sample.task);
      const rule = { ...sample, lastLayer: toLayer(this.manifest.layers) };
      this.#followers.set(sample.key, new Follower(rule, this.manifest, fitted));
      return { seesSaturation: policy.needs.includes('saturation') };
    } catch (error) {
      if (error instanceof DimeeError && error.code === 'BAD_INPUT') return { kind: 'input', message: error.message };
      throw error;
    }
  }

  /** Which of the samples stay. Those that leave are forgotten. */
  after(steps: readonly Step[]): boolean[] {
    return steps.map(([key, logits, saturation]) => {
      const follower = this.#followers.get(key);
      if (!follower) throw new Error(`No sample ${key} is on its way here.`);
      const stays = follower.staysAfter(logits, saturation ?? undefined);
      if (!stays) this.#followers.delete(key);
      return stays;
    });
  }

  /** A sample that nobody waits for any more. */
  forget(key: string): void {
    this.#followers.delete(key);
  }

  /** @throws DimeeError `BAD_INPUT` for a request that no policy could make sense of. */
  async #refusalOf(policy: Policy, sample: EngineSample): Promise<Refusal | undefined> {
    const { task, plan, rowSeed, priorLogits } = sample;
    const { layers } = this.manifest;
    checkPlace({ task, plan, priorLogits }, this.manifest);
    resolvePolicy(sample.policy, layers);
    const startLayer = priorLogits.length + 1;
    if (!stretchAt(stretchesOf(policy.route, plan, layers), toLayer(startLayer))) {
      return { kind: 'input', message: `By “${policy.name}” and this plan no sample comes to layer ${startLayer}.` };
    }
    if (policy.needs.includes('rowSeed') && rowSeed === undefined) {
      return { kind: 'input', message: `“${policy.name}” draws lots: the parameter “row_seed” must come with it.` };
    }
    if (policy.tierFor) {
      return { kind: 'policy', message: `“${policy.name}” (${policy.id}) chooses a tier before the engine is asked.` };
    }
    const fitted = await this.#files.fittedFor(policy, task);
    const missing = whatIsMissing(policy, availableLive({ ...fitted, pools: fitted.data?.pools }, rowSeed));
    return missing === undefined ? undefined : { kind: 'policy', message: `${policy.id}: ${missing}` };
  }
}

/** What Python calls. @param files a byte a character, by their paths. */
export function openRules(manifest: unknown, files: Readonly<Record<string, string>>): ExitRules {
  return new ExitRules(parseManifest(manifest), files);
}
