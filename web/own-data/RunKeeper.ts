import type { CostWeights } from '../../core/cost';
import { messageOf } from '../../core/errors';
import { type Manifest, taskOf } from '../../core/model/manifest';
import { type Policy, policyById } from '../../core/policies';
import type { Decision } from '../../core/policies/decision';
import type { KeptStore } from '../state/TabStore';
import { everyExitCollector, ownExitCollector } from './collectors';
import type { OwnResult } from './OwnResult';
import type { OwnJob, RunPart } from './OwnRun.svelte';

/** A job as it can be kept: without what collects its answers. */
export interface JobOrder extends Omit<OwnJob, 'collector'> {
  /** What decides where rows are settled that are run no further; undefined where they are run through all exits. */
  readonly decision: Decision | undefined;
  readonly costs: CostWeights;
}

/** A policy is code, so its id stands for it. */
interface KeptOrder extends Omit<JobOrder, 'decision'> {
  readonly decision: (Omit<Decision, 'policy'> & { readonly policy: Policy['id'] }) | undefined;
  readonly modelHash: string;
}

interface KeptResult {
  readonly result: OwnResult;
  readonly modelHash: string;
}

/** What a tab had before it was loaded anew. */
export interface KeptRun {
  readonly result?: OwnResult;
  readonly unfinished?: { readonly job: OwnJob; readonly parts: readonly RunPart[] };
}

const [RESULT, ORDER, PARTS] = ['run result', 'run order', 'run part'];
const ALL = 'run';
/** Bytes of a run that a browser is asked to keep. */
const MOST_BYTES = 150_000_000;

/** The job with what collects its answers. */
export function jobOf({ decision, costs, ...order }: JobOrder, manifest: Manifest): OwnJob {
  const task = taskOf(manifest, order.task);
  const collector = decision
    ? ownExitCollector(order.rows, task, decision, costs)
    : everyExitCollector(order.rows, order.task, task, manifest);
  return { ...order, collector };
}

/** Keeps a person's run with its tab, part by part as it goes on, so that a reload loses none of it. */
export class RunKeeper {
  /** One after the other: a run that is cleared must not be followed by its last part. */
  #writing: Promise<void> = Promise.resolve();
  #bytes = 0;
  #lastPart = 0;

  constructor(
    private readonly store: KeptStore,
    private readonly manifest: Manifest,
    /** Is told why what was found out since the last `begin` would not survive a reload. */
    private readonly failed: (reason: string) => void,
  ) {}

  begin({ decision, ...order }: JobOrder): void {
    this.#bytes = this.#lastPart = 0;
    const kept: KeptOrder = {
      ...order,
      decision: decision && { ...decision, policy: decision.policy.id },
      modelHash: this.manifest.hash,
    };
    this.#write(async () => {
      await this.store.clear(ALL);
      await this.#put(ORDER, kept);
    });
  }

  add(part: RunPart): void {
    const number = String(++this.#lastPart).padStart(9, '0');
    this.#write(() => this.#put(`${PARTS} ${number}`, part));
  }

  /** The result takes the place of what led to it. */
  finish(result: OwnResult): void {
    this.#bytes = 0;
    this.#write(async () => {
      await this.store.clear(ALL);
      await this.#put(RESULT, { result, modelHash: this.manifest.hash } satisfies KeptResult);
    });
  }

  clear(): void {
    this.#write(() => this.store.clear(ALL));
  }

  /** What was kept of this model; nothing where the browser keeps nothing. */
  async restore(): Promise<KeptRun> {
    const [finished] = (await this.store.all(RESULT)) as readonly KeptResult[];
    if (finished) return finished.modelHash === this.manifest.hash ? { result: finished.result } : {};
    const [kept] = (await this.store.all(ORDER)) as readonly KeptOrder[];
    if (kept?.modelHash !== this.manifest.hash) return {};
    const parts = (await this.store.all(PARTS)) as readonly RunPart[];
    this.#lastPart = parts.length;
    const decision = kept.decision && { ...kept.decision, policy: policyById(kept.decision.policy) };
    return { unfinished: { job: jobOf({ ...kept, decision }, this.manifest), parts } };
  }

  async #put(key: string, value: unknown): Promise<void> {
    this.#bytes += sizeOf(value);
    if (this.#bytes > MOST_BYTES) throw new Error('There are too many rows for that.');
    await this.store.put(key, value);
  }

  #write(write: () => Promise<void>): void {
    this.#writing = this.#writing.then(write).catch((error: unknown) => this.failed(messageOf(error)));
  }
}

/** Roughly the bytes that a value takes. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return 2 * value.length;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value !== 'object' || value === null) return 8;
  return Object.values(value).reduce((sum: number, part) => sum + sizeOf(part), 0);
}
