import { untrack } from 'svelte';
import { usableExits } from '../../core/policies/decision';
import { type Manifest, taskExits, taskOf } from '../../core/model/manifest';
import type { Texts } from '../../core/model/tokens';
import { climbedFurther, NOT_CLIMBED } from '../../core/ladder/outcome';
import { availableLive, filesOf, whatIsMissing } from '../../core/policies/needs';
import { parseSentences } from '../../core/own-data/samples';
import type { WorkerMessage } from '../../core/protocol/page-messages';
import type { Fitting } from './Fitting.svelte';
import { WorkerTier } from './WorkerTier.svelte';
import type { Settings } from './Settings.svelte';
import type { RowTotals } from './row-counts';
import { type RowRules, type Sentence, type SentenceRow, ShownSentence } from './shown-sentence';
import { Tally } from './Tally.svelte';

/** The sentences last asked for: line by line, and each once. */
interface SentenceLines {
  readonly task: string;
  readonly lines: readonly ShownSentence[];
  readonly once: readonly ShownSentence[];
  readonly byKey: ReadonlyMap<string, ShownSentence>;
}

const NOTHING_SHOWN: SentenceLines = { task: '', lines: [], once: [], byKey: new Map() };

/** How long a slider rests before sentences climb on. */
const SETTLE_MS = 150;
/** Sentences of one request to the worker: handing over 20,000 at once would hold up both sides. */
const MOST_PER_RUN = 256;

/**
 * The person's sentences. Every layer ever run for one is remembered, so a moved threshold re-decides at once, and only
 * those climb on that have not been far enough.
 */
export class Sentences {
  readonly tier: WorkerTier;
  /** By sample key: every sentence ever asked for. */
  readonly #known = new Map<string, Sentence>();
  readonly #sampleKeys = new Map<string, string>();
  /** New to every tier, which a counter alone would not be. `randomUUID` is for secure pages only, and a phone may not have one. */
  readonly #keyPrefix = crypto.getRandomValues(new Uint32Array(4)).join('-');
  #lastKey = 0;
  #lastShown: SentenceLines = $state.raw(NOTHING_SHOWN);
  readonly #tally: Tally;
  #runId: number | undefined = $state();
  #isStopped = $state(false);
  #lastRunId = 0;
  #settleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly fitting: Fitting,
    private readonly manifest: Manifest,
  ) {
    this.tier = new WorkerTier({
      provisional: (message) => this.#answeredAtFirst(message),
      result: (message) => this.#resulted(message),
      failed: ({ sampleKey, error }) =>
        this.#update(sampleKey, (sentence) => ({ ...sentence, provisional: undefined, error })),
      finished: ({ runId }) => this.#finished(runId),
    });
    this.#tally = new Tally(manifest.layers, () => this.#climbOn());
  }

  get isRunning() {
    return this.#runId !== undefined;
  }

  /** The person has stopped it. */
  get isStopped() {
    return this.#isStopped;
  }

  /** Why the policy cannot be asked of sentences that a person wrote. */
  readonly policyProblem: string | undefined = $derived.by(() => {
    const { policy, task } = this.settings;
    return whatIsMissing(policy, availableLive(filesOf(task), 0));
  });

  readonly #rules: RowRules = $derived.by(() => {
    const { costs } = this.settings;
    return { decision: this.fitting.decision, costs, problem: this.policyProblem };
  });

  /** What is shown of the task at hand. */
  readonly #shown: SentenceLines = $derived.by(() =>
    this.#lastShown.task === this.settings.fields.task ? this.#lastShown : NOTHING_SHOWN,
  );

  /** Lines of the results. */
  get count(): number {
    return this.#shown.lines.length;
  }

  /** A line as it is now; undefined beyond the last one. */
  rowAt(index: number): SentenceRow | undefined {
    // Sentences change without a word; the totals are another object then.
    void this.totals;
    return this.#shown.lines[index]?.rowUnder(this.#rules);
  }

  /** Every line under the settings as they are now, each made when it is asked for. */
  snapshot(): { readonly count: number; readonly rowAt: (index: number) => SentenceRow | undefined } {
    const { lines } = this.#shown;
    const rules = this.#rules;
    return { count: lines.length, rowAt: (index) => lines[index]?.rowUnder(rules) };
  }

  /** What the lines add up to. Of many thousands, some may still be counted as the last settings had them. */
  get totals(): RowTotals {
    return this.#tally.totals;
  }

  /**
   * Shows the sentences of the text field and takes them to their exits.
   * @throws DimeeError `BAD_INPUT`, naming the line that is no sentence or pair.
   */
  run(): void {
    const { task, text } = this.settings.fields;
    const byKey = new Map<string, ShownSentence>();
    const lines = parseSentences(text, taskOf(this.manifest, task).pair).map((texts) => {
      const sampleKey = this.#sampleKey(task, texts);
      const shown = byKey.get(sampleKey) ?? new ShownSentence(this.#afresh(sampleKey, task, texts));
      byKey.set(sampleKey, shown);
      shown.lines++;
      return shown;
    });
    this.#lastShown = { task, lines, once: [...byKey.values()], byKey };
    this.#isStopped = false;
    this.settings.set({ source: 'sentences' });
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#runId !== undefined) this.tier.stop(this.#runId);
  }

  /** To be called in an effect, after `settingsMoved`: counts the rows anew, in slices of time, when they or the settings are others. */
  recount(): void {
    const [{ once }, rules] = [this.#shown, this.#rules];
    untrack(() => this.#tally.follow(once, rules));
  }

  /** To be called when settings moved: sends on, a moment later, those whose exit is not known any more. */
  settingsMoved(): void {
    clearTimeout(this.#settleTimer);
    this.#settleTimer = setTimeout(() => {
      this.#settleTimer = undefined;
      this.#climbOn();
    }, SETTLE_MS);
  }

  /** Forgets everything: other weights or another processor give other numbers. */
  forget(): void {
    this.stop();
    this.#known.clear();
    this.#sampleKeys.clear();
    this.#lastShown = NOTHING_SHOWN;
  }

  /** The sentence as it is known, ready to be tried again. */
  #afresh(sampleKey: string, task: string, texts: Texts): Sentence {
    const { climbed } = this.#known.get(sampleKey) ?? { climbed: NOT_CLIMBED };
    const sentence = { sampleKey, task, texts, climbed, provisional: undefined, error: undefined };
    this.#known.set(sampleKey, sentence);
    return sentence;
  }

  /** One key for each task and text. */
  #sampleKey(task: string, texts: Texts): string {
    const name = `${task}\n${texts.join('\t')}`;
    const key = this.#sampleKeys.get(name) ?? `${this.#keyPrefix}-${++this.#lastKey}`;
    this.#sampleKeys.set(name, key);
    return key;
  }

  /** Takes on the next sentences whose exit is not known, unless others are under way or it is not yet clear which they are. */
  #climbOn(): void {
    if (this.isRunning || this.#isStopped || this.#settleTimer !== undefined || this.#tally.isSweeping) return;
    const waiting = this.#tally.waiting(MOST_PER_RUN);
    if (waiting.length === 0 || !this.fitting.decision) return;
    this.#runId = ++this.#lastRunId;
    const { fields, policy, parameters, plan } = this.settings;
    this.tier.run({
      runId: this.#runId,
      task: fields.task,
      policy: { id: policy.id, parameters: { ...parameters } },
      plan,
      payloadDtype: fields.payload,
      samples: waiting.map(({ sampleKey, texts, climbed }) => ({
        sampleKey,
        texts,
        priorLogits: usableExits(climbed.exits, policy).map((exit) => exit.logits),
      })),
    });
  }

  #resulted({ sampleKey, result }: Extract<WorkerMessage, { type: 'result' }>): void {
    this.#update(sampleKey, (sentence) => {
      const task = taskOf(this.manifest, sentence.task);
      const climbed = climbedFurther(sentence.climbed, result, (logits) => taskExits(task, logits));
      return { ...sentence, climbed, provisional: undefined };
    });
  }

  #answeredAtFirst({ sampleKey, logits }: Extract<WorkerMessage, { type: 'provisional' }>): void {
    const nearLayer = this.settings.stretches[0]?.lastLayer ?? 0;
    this.#update(sampleKey, (sentence) => {
      const exits = taskExits(taskOf(this.manifest, sentence.task), logits.slice(0, nearLayer));
      return { ...sentence, provisional: exits.at(-1) };
    });
  }

  #update(sampleKey: string, change: (sentence: Sentence) => Sentence): void {
    const known = this.#known.get(sampleKey);
    if (!known) return;
    const sentence = change(known);
    this.#known.set(sampleKey, sentence);
    const shown = this.#lastShown.byKey.get(sampleKey);
    if (!shown) return;
    shown.sentence = sentence;
    this.#tally.changed(shown);
  }

  /** Settings may have moved, or sentences been added, while the run was on: go on until all is decided. */
  #finished(runId: number): void {
    if (runId !== this.#runId) return;
    this.#runId = undefined;
    this.#climbOn();
  }
}
