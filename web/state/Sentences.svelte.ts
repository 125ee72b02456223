import type { CostWeights } from '../../core/cost';
import type { ErrorData } from '../../core/errors';
import { type Decision, usableExits } from '../../core/ladder/decision';
import { type Manifest, taskExits, taskOf } from '../../core/model/manifest';
import type { Texts } from '../../core/model/tokens';
import { type Climbed, climbedFurther, NOT_CLIMBED, outcomeOf, type Outcome } from '../../core/outcome';
import { rowSeedFor } from '../../core/policies/lots';
import { availableLive, filesOf, whatIsMissing } from '../../core/policies/needs';
import { parseSentences } from '../../core/samples';
import type { WorkerMessage } from '../../core/worker-messages';
import type { Fitting } from './Fitting.svelte';
import { MobileTier } from './MobileTier.svelte';
import type { Settings } from './Settings.svelte';

interface Sentence {
  readonly sampleKey: string;
  readonly task: string;
  readonly texts: Texts;
  readonly climbed: Climbed;
  readonly error: ErrorData | undefined;
}

/** One line of the results: a sentence, and where it leaves under the current settings. */
export interface SentenceRow extends Sentence {
  /** Undefined until it has climbed far enough to know. */
  readonly outcome: Outcome | undefined;
}

/** How long a slider rests before sentences climb on. */
const SETTLE_MS = 150;

/**
 * The person's sentences. Every layer ever run for one is remembered, so a moved threshold re-decides at once, and only
 * those climb on that have not been far enough.
 */
export class Sentences {
  readonly tier: MobileTier;
  /** By sample key. Replaced at most once a frame, however fast results arrive. */
  #known: ReadonlyMap<string, Sentence> = $state.raw(new Map());
  #arrived = new Map<string, Sentence>();
  readonly #sampleKeys = new Map<string, string>();
  /** Keys of the sentences last asked for, in their order. */
  #shown: readonly string[] = $state.raw([]);
  #runId: number | undefined = $state();
  #isStopped = $state(false);
  #lastRunId = 0;
  #settleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly fitting: Fitting,
    private readonly manifest: Manifest,
  ) {
    this.tier = new MobileTier({
      result: (message) => this.#resulted(message),
      failed: ({ sampleKey, error }) => this.#update(sampleKey, (sentence) => ({ ...sentence, error })),
      finished: ({ runId }) => this.#finished(runId),
    });
  }

  get isRunning() {
    return this.#runId !== undefined;
  }

  /** Why the policy cannot be asked of sentences that a person wrote. */
  readonly policyProblem: string | undefined = $derived.by(() => {
    const { policy, task } = this.settings;
    return whatIsMissing(policy, availableLive(filesOf(task), 0));
  });

  readonly rows: readonly SentenceRow[] = $derived.by(() => {
    const { costs } = this.settings;
    const { decision } = this.fitting;
    const problem = this.policyProblem;
    const sentences = this.#shown.flatMap((key) => this.#known.get(key) ?? []);
    return sentences
      .filter((sentence) => sentence.task === this.settings.fields.task)
      .map((sentence) => (problem === undefined ? rowOf(sentence, decision, costs) : refused(sentence, problem)));
  });

  /** Layers run for the sentences shown, ever. */
  readonly layerRuns: number = $derived.by(() => this.rows.reduce((sum, { climbed }) => sum + climbed.layerRuns, 0));

  /**
   * Shows the sentences of the text field and takes them to their exits.
   * @throws DimeeError `BAD_INPUT`, naming the line that is no sentence or pair.
   */
  run(): void {
    const { task, text } = this.settings.fields;
    const samples = parseSentences(text, taskOf(this.manifest, task).pair);
    const known = new Map(this.#known);
    this.#shown = samples.map((texts) => {
      const sampleKey = this.#sampleKey(task, texts);
      const { climbed } = known.get(sampleKey) ?? { climbed: NOT_CLIMBED };
      known.set(sampleKey, { sampleKey, task, texts, climbed, error: undefined });
      return sampleKey;
    });
    this.#known = known;
    this.#isStopped = false;
    this.settings.set({ source: 'sentences' });
    if (!this.isRunning) this.#climbOn();
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#runId !== undefined) this.tier.stop(this.#runId);
  }

  /** To be called when settings moved: sends on, a moment later, those whose exit is not known any more. */
  settingsMoved(): void {
    clearTimeout(this.#settleTimer);
    if (this.#isStopped) return;
    this.#settleTimer = setTimeout(() => !this.isRunning && this.#climbOn(), SETTLE_MS);
  }

  /** Forgets everything: other weights or another processor give other numbers. */
  forget(): void {
    this.stop();
    this.#known = new Map();
    this.#sampleKeys.clear();
    this.#shown = [];
  }

  /** One key for each task and text, new to every tier. `randomUUID` is for secure pages only, and a phone may not have one. */
  #sampleKey(task: string, texts: Texts): string {
    const name = `${task}\n${texts.join('\t')}`;
    const key = this.#sampleKeys.get(name) ?? crypto.getRandomValues(new Uint32Array(4)).join('-');
    this.#sampleKeys.set(name, key);
    return key;
  }

  #climbOn(): void {
    const undecided = this.rows.filter((row) => !row.outcome && !row.error);
    const [first] = undecided;
    if (!first || !this.fitting.decision) return;
    this.#runId = ++this.#lastRunId;
    const { fields, policy, parameters, plan } = this.settings;
    this.tier.run({
      runId: this.#runId,
      task: first.task,
      policy: { id: policy.id, parameters: { ...parameters } },
      plan,
      payloadDtype: fields.payload,
      samples: unique(undecided).map(({ sampleKey, texts, climbed }) => ({
        sampleKey,
        texts,
        priorLogits: usableExits(climbed.exits, policy).map((exit) => exit.logits),
      })),
    });
  }

  #resulted({ sampleKey, result }: Extract<WorkerMessage, { type: 'result' }>): void {
    this.#update(sampleKey, (sentence) => {
      const task = taskOf(this.manifest, sentence.task);
      return { ...sentence, climbed: climbedFurther(sentence.climbed, result, (logits) => taskExits(task, logits)) };
    });
  }

  #update(sampleKey: string, change: (sentence: Sentence) => Sentence): void {
    const sentence = this.#arrived.get(sampleKey) ?? this.#known.get(sampleKey);
    if (!sentence) return;
    if (this.#arrived.size === 0) requestAnimationFrame(() => this.#showArrived());
    this.#arrived.set(sampleKey, change(sentence));
  }

  #showArrived(): void {
    if (this.#arrived.size > 0) this.#known = new Map([...this.#known, ...this.#arrived]);
    this.#arrived.clear();
  }

  /** Settings may have moved, or sentences been added, while the run was on: go on until all is decided. */
  #finished(runId: number): void {
    if (runId !== this.#runId) return;
    this.#showArrived();
    this.#runId = undefined;
    if (!this.#isStopped) this.#climbOn();
  }
}

const decided = new WeakMap<Sentence, { decision: Decision | undefined; costs: CostWeights; row: SentenceRow }>();

/** A sentence's row: the same object as before where nothing of it has changed, so that only new rows are drawn again. */
function rowOf(sentence: Sentence, decision: Decision | undefined, costs: CostWeights): SentenceRow {
  const before = decided.get(sentence);
  if (before && before.decision === decision && before.costs === costs) return before.row;
  const rowSeed = decision && rowSeedFor(decision.policy, sentence.texts);
  const outcome = decision && outcomeOf(sentence.climbed, decision, costs, { rowSeed });
  const row = { ...sentence, outcome };
  decided.set(sentence, { decision, costs, row });
  return row;
}

function refused(sentence: Sentence, message: string): SentenceRow {
  return { ...sentence, outcome: undefined, error: { code: 'BAD_INPUT', message, retryable: false } };
}

function unique(rows: readonly SentenceRow[]): readonly SentenceRow[] {
  return [...new Map(rows.map((row) => [row.sampleKey, row])).values()];
}
