import { setTimeout as sleep } from 'node:timers/promises';
import { exitAt } from '../../core/exits';
import { errorData } from '../../core/errors';
import type { EarlyExit } from '../../core/ladder/ladder-tier';
import { layerAfter, type LayerIndex } from '../../core/layers';
import type { Log } from '../../core/log';
import { type Manifest, taskLogits, taskOf } from '../../core/model/manifest';
import type { LayerRuntime } from '../../core/model/layer-runtime';
import { at } from '../../core/numbers/at';
import { earlyAgreement } from '../../core/trace/early-agreement';
import type { PolicyFiles } from '../../core/trace/policy-files';
import { DriftWatch, type Drift, type Expectation } from './drift';

/** What a shadow run found. */
export interface ShadowResult {
  readonly task: string;
  /** The answer that the sample had is that of the last exit. */
  readonly agrees: boolean;
  /** The share of recorded rows with the same settings for which it is, 0 to 1. */
  readonly expected: number;
}

export interface ShadowOptions {
  /** Of the samples that leave early, how many are run on, 0 to 1. */
  readonly share: number;
  readonly manifest: Manifest;
  readonly policyFiles: Pick<PolicyFiles, 'calibrationOf'>;
  /** Nobody's sample computes or waits here. */
  readonly isIdle: () => boolean;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly onResult: (result: ShadowResult) => void;
  readonly onDrift: (task: string) => void;
  readonly log: Log;
}

interface Candidate {
  readonly left: EarlyExit;
  readonly runtime: LayerRuntime;
}

/** Samples kept for an idle moment, with their hidden states: of 128 tokens 200 kB each. What comes while they are, is not. */
const MOST_KEPT = 32;
/** Settings whose expectation is remembered. */
const MOST_SETTINGS = 32;
const LOOK_AGAIN_MS = 25;
/** Fewer recorded rows with the same settings promise nothing. */
const FEWEST_ROWS = 30;

/**
 * Runs a share of the samples that left early on to the last layer, so that operators see whether the early answers still
 * agree with it as often as on the rows that thresholds were calibrated with (as Apparate does, arXiv 2312.05385). It asks
 * before every layer whether anybody's sample is here: one that comes meanwhile waits for one layer of one sample at most.
 */
export class ShadowRuns {
  readonly #kept: Candidate[] = [];
  readonly #expectations = new Map<string, Promise<Expectation | undefined>>();
  readonly #watches = new Map<string, DriftWatch>();
  #isRunning = false;
  #isClosed = false;

  constructor(private readonly options: ShadowOptions) {}

  readonly offer = (left: EarlyExit, runtime: LayerRuntime): void => {
    const { share, random } = this.options;
    if (this.#isClosed || this.#kept.length >= MOST_KEPT || random() >= share) return;
    this.#kept.push({ left, runtime });
    if (!this.#isRunning) void this.#runAll();
  };

  close(): void {
    this.#isClosed = true;
    this.#kept.length = 0;
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true;
    for (let next = this.#kept.shift(); next; next = this.#kept.shift()) {
      const { task } = next.left;
      await this.#run(next).catch((error: unknown) => {
        this.options.log('warn', `a shadow run of ${task} failed: ${errorData(error).message}`);
      });
    }
    this.#isRunning = false;
  }

  async #run({ left, runtime }: Candidate): Promise<void> {
    await this.#idle();
    const expected = await this.#expectationOf(left);
    if (!expected) return;
    const label = await this.#lastLabel(left, runtime);
    if (label === undefined) return;
    const { task, answer } = left;
    const agrees = label === answer.label;
    this.options.onResult({ task, agrees, expected: expected.share });
    const drift = this.#watchOf(task).add(agrees, expected);
    if (drift) this.#tell(task, drift);
  }

  /** What the last exit says; undefined where the server ends before. */
  async #lastLabel({ task, answer, state }: EarlyExit, runtime: LayerRuntime): Promise<number | undefined> {
    const { manifest } = this.options;
    const of = taskOf(manifest, task);
    let [layer, current, logits]: [LayerIndex, typeof state, readonly number[]] = [answer.layer, state, []];
    while (layer < manifest.layers) {
      await this.#idle();
      if (this.#isClosed) return undefined;
      layer = layerAfter(layer);
      const output = await runtime.runLayer(layer, current);
      [current, logits] = [output.state, taskLogits(of, output.logits)];
    }
    return exitAt(layer, logits, at(of.temperatures, layer - 1)).label;
  }

  async #idle(): Promise<void> {
    while (!this.#isClosed && !this.options.isIdle()) await sleep(LOOK_AGAIN_MS, undefined, { ref: false });
  }

  #expectationOf(left: EarlyExit): Promise<Expectation | undefined> {
    const { task, decision, enteredAfter } = left;
    const { policy, parameters, stretches } = decision;
    const ends = stretches.map(({ tier, lastLayer }) => `${tier} ${lastLayer}`);
    const key = JSON.stringify([task, policy.id, parameters, ends, enteredAfter]);
    const found = this.#expectations.get(key) ?? this.#expect(left);
    this.#expectations.delete(key);
    this.#expectations.set(key, found);
    const [oldest] = this.#expectations.keys();
    if (oldest !== undefined && this.#expectations.size > MOST_SETTINGS) this.#expectations.delete(oldest);
    return found;
  }

  async #expect({ task, decision, enteredAfter }: EarlyExit): Promise<Expectation | undefined> {
    const calibration = await this.options.policyFiles.calibrationOf(task);
    if (!calibration) return undefined;
    const { rows, agreed } = earlyAgreement(calibration, decision, enteredAfter);
    return rows < FEWEST_ROWS ? undefined : { share: agreed / rows, rows };
  }

  #watchOf(task: string): DriftWatch {
    const watch = this.#watches.get(task) ?? new DriftWatch();
    this.#watches.set(task, watch);
    return watch;
  }

  #tell(task: string, { samples, agreed, expected }: Drift): void {
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    const found = `of the last ${samples} of ${task} that left early, ${percent(agreed)} say what the last layer says`;
    const sentence = `${found}; ${percent(expected)} did when thresholds were calibrated`;
    this.options.log('warn', sentence, { task, samples, agreed, expected });
    this.options.onDrift(task);
  }
}
