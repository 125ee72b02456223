import { untrack } from 'svelte';
import { usableExits } from '../../core/policies/decision';
import { taskExits, taskOf } from '../../core/model/manifest';
import { climbedFurther, NOT_CLIMBED } from '../../core/ladder/outcome';
import { availableLive, filesOf, whatIsMissing } from '../../core/policies/needs';
import { parseSentences, type SentenceLine } from '../../core/own-data/samples';
import type { Exit } from '../../core/exits';
import type { Fitting } from './Fitting.svelte';
import { sentAnswerOf, type SentResults } from '../../core/view/sent-results';
import type { SentWithLink, Settings } from './Settings.svelte';
import type { RowTotals } from './row-counts';
import {
  inputError,
  isSentAlone,
  type RowRules,
  type Sentence,
  type SentenceRow,
  type SentRow,
  ShownSentence,
} from './shown-sentence';
import { Tally } from './Tally.svelte';
import type { MessageOf, RunListener } from './open-runs';
import type { TierRun, WorkerTier } from './WorkerTier.svelte';

/** The sentences last asked for: line by line, and each once. */
interface SentenceLines {
  readonly task: string;
  readonly lines: readonly ShownSentence[];
  readonly once: readonly ShownSentence[];
  readonly byKey: ReadonlyMap<string, ShownSentence>;
  /** What they were read from. */
  readonly text: string;
  /** Shown by what came with a link: they have not been asked for here. */
  readonly areSent: boolean;
}

/** The lines of the results at one moment. */
export interface SentenceSnapshot {
  readonly count: number;
  /** A line under the settings of that moment. */
  readonly rowAt: (index: number) => SentenceRow | undefined;
  /** A line as it stands in the totals, which may be under the settings before. */
  readonly countedRowAt: (index: number) => SentenceRow | undefined;
}

/** A sentence, and all that was computed for it. */
export type KnownSentence = Pick<Sentence, 'task' | 'texts' | 'climbed'>;

const NOTHING_SHOWN: SentenceLines = {
  ...{ task: '', lines: [], once: [], byKey: new Map() },
  ...{ text: '', areSent: false },
};

/** So many sentences the edge may begin while the model loads; more of them wait, so that their picture is this device's. */
export const MOST_AT_EDGE = 3;

/** How long a slider rests before sentences climb on. */
const SETTLE_MS = 150;
/** Sentences of one request to the worker: handing over 20,000 at once would hold up both sides. */
const MOST_PER_RUN = 256;

/** Sentences that are kept beside those shown, for the case that they are asked for again. */
const MOST_REMEMBERED = 2000;

/**
 * The person's sentences. Every layer ever run for one is remembered, so a moved threshold re-decides at once, and only
 * those climb on that have not been far enough.
 */
export class Sentences {
  /** By sample key, those asked for last at the end: what is shown, and some of what was. */
  readonly #known = new Map<string, Sentence>();
  readonly #sampleKeys = new Map<string, string>();
  /** New to every tier, which a counter alone would not be. `randomUUID` is for secure pages only, and a phone may not have one. */
  readonly #keyPrefix = crypto.getRandomValues(new Uint32Array(4)).join('-');
  #lastKey = 0;
  #lastShown: SentenceLines = $state.raw(NOTHING_SHOWN);
  readonly #tally: Tally;
  #run: TierRun | undefined = $state.raw();
  #isStopped = $state(false);
  #inputProblem: string | undefined = $state();
  #settleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly fitting: Fitting,
    private readonly tier: Pick<WorkerTier, 'run'>,
  ) {
    this.#tally = new Tally(settings.manifest.layers, () => this.#climbOn());
  }

  get isRunning() {
    return this.#run !== undefined;
  }

  /** The person has stopped it. */
  get isStopped() {
    return this.#isStopped;
  }

  /** Why lines of the last text could not be run. */
  get inputProblem() {
    return this.#inputProblem;
  }

  /** Why the policy cannot be asked of sentences that a person wrote. */
  readonly policyProblem: string | undefined = $derived.by(() => {
    const { policy, task } = this.settings;
    return whatIsMissing(policy, availableLive(filesOf(task), 0));
  });

  readonly #rules: RowRules = $derived.by(() => {
    const { costs, decidedBy: key } = this.settings;
    return { decision: this.fitting.decision, costs, problem: this.policyProblem, key };
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
  snapshot(): SentenceSnapshot {
    const { lines } = this.#shown;
    const rules = this.#rules;
    return {
      count: lines.length,
      rowAt: (index) => lines[index]?.rowUnder(rules),
      countedRowAt: (index) => lines[index] && this.#tally.rowOf(lines[index]),
    };
  }

  /** What is shown came with a link, and runs here when the person asks for it. */
  get areSent(): boolean {
    return this.#shown.areSent;
  }

  /** What a link takes along: an answer by line, as long as the text field holds the sentences that were answered. */
  answers(): SentResults | undefined {
    if (this.count === 0 || this.#shown.text !== this.settings.fields.text) return undefined;
    return Array.from({ length: this.count }, (_, index) => sentAnswerOf(this.rowAt(index)?.outcome));
  }

  /** What was computed for the sentences shown, at most so many of them, to be had again by `recall`. */
  known(most: number): readonly KnownSentence[] {
    return this.#shown.once.slice(0, most).flatMap(({ sentence: { task, texts, climbed } }) => {
      return climbed.exits.length > 0 ? [{ task, texts, climbed }] : [];
    });
  }

  /** Takes over what was computed before: those sentences need not run again. */
  recall(known: readonly KnownSentence[]): void {
    for (const { task, texts, climbed } of known) {
      const sampleKey = this.#sampleKey(task, { line: 0, texts, problem: undefined });
      const nothing = { provisional: undefined, error: undefined };
      if (!this.#known.has(sampleKey)) this.#known.set(sampleKey, { sampleKey, task, texts, climbed, ...nothing });
    }
  }

  /** Where the sentences shown left, each once, that were run here and are settled; at most so many of them. */
  settled(most: number): readonly Exit[] {
    // Sentences change without a word; the totals are another object then.
    void this.totals;
    const rules = this.#rules;
    return this.#shown.once.slice(0, most).flatMap((shown) => {
      return isSentAlone(shown.sentence) ? [] : (shown.rowUnder(rules).outcome?.exit ?? []);
    });
  }

  /** What the lines add up to. Of many thousands, some may still be counted as the last settings had them. */
  get totals(): RowTotals {
    return this.#tally.totals;
  }

  /**
   * Shows the sentences of the text field and takes them to their exits. A line that is no sentence or pair is an
   * `inputProblem` and says so in its row; the others run.
   */
  run(): void {
    const lines = parseSentences(this.settings.fields.text, this.settings.task.pair);
    const problems = lines.flatMap((line) => problemIn(line) ?? []);
    this.#inputProblem = problemOf(problems);
    if (problems.length > 0 && problems.length === lines.length) return;
    this.settings.forgetSent();
    this.#isStopped = false;
    this.#show(lines);
  }

  /**
   * Shows what came with a link, in place of a run here, until the person asks for one.
   * @returns why it is not shown, where it does not belong to the sentences.
   */
  showSent({ results, under }: Pick<SentWithLink, 'results' | 'under'>): string | undefined {
    const lines = parseSentences(this.settings.fields.text, this.settings.task.pair);
    if (lines.length !== results.length) {
      const [sent, written] = [results.length, lines.length].map((count) => count.toLocaleString('en'));
      return `The results that came with this link are of ${sent} lines, and its text has ${written}: they are left out. Press Run to compute them here.`;
    }
    this.#inputProblem = undefined;
    this.stop();
    this.#show(lines, (line) => ({ answer: results[line], under }));
    return undefined;
  }

  #show(written: readonly SentenceLine[], sentFor?: (line: number) => SentRow): void {
    this.#lastShown = this.#linesOf(written, sentFor);
    this.#forgetOldest(this.#lastShown.byKey.size + MOST_REMEMBERED);
    this.settings.set({ source: 'sentences' });
    clearTimeout(this.#settleTimer);
    this.#settleTimer = undefined;
    this.#decideAnew();
  }

  #linesOf(written: readonly SentenceLine[], sentFor?: (line: number) => SentRow): SentenceLines {
    const { task, text } = this.settings.fields;
    const byKey = new Map<string, ShownSentence>();
    const lines = written.map((line, index) => {
      const sampleKey = this.#sampleKey(task, line);
      const shown = byKey.get(sampleKey) ?? new ShownSentence(this.#afresh(sampleKey, task, line, sentFor?.(index)));
      byKey.set(sampleKey, shown);
      shown.lines++;
      return shown;
    });
    return { task, lines, once: [...byKey.values()], byKey, text, areSent: sentFor !== undefined };
  }

  /** Those asked for last are at the end, so none that is shown is forgotten. */
  #forgetOldest(most: number): void {
    for (const sampleKey of this.#known.keys()) {
      if (this.#known.size <= most) break;
      this.#known.delete(sampleKey);
    }
    for (const [name, key] of this.#sampleKeys) if (!this.#known.has(key)) this.#sampleKeys.delete(name);
  }

  stop(): void {
    this.#isStopped = true;
    this.#run?.stop();
  }

  /**
   * To be called in an effect, so that it comes again when settings move: decides the rows anew, in slices of time, and
   * sends on, a moment later, those whose exit is not known any more.
   */
  followSettings(): void {
    const { task, payload } = this.settings.fields;
    void [this.#rules, task, payload];
    untrack(() => {
      clearTimeout(this.#settleTimer);
      this.#settleTimer = setTimeout(() => {
        this.#settleTimer = undefined;
        this.#climbOn();
      }, SETTLE_MS);
      this.#decideAnew();
    });
  }

  /** Forgets everything: other weights or another processor give other numbers. */
  forget(): void {
    this.stop();
    this.#known.clear();
    this.#sampleKeys.clear();
    this.#lastShown = NOTHING_SHOWN;
    this.#decideAnew();
  }

  #decideAnew(): void {
    this.#tally.follow(this.#shown.once, this.#rules);
  }

  /** The sentence as it is known, ready to be tried again where it can be. */
  #afresh(sampleKey: string, task: string, line: SentenceLine, sent: SentRow | undefined): Sentence {
    const { texts } = line;
    const problem = problemIn(line);
    const { climbed } = this.#known.get(sampleKey) ?? { climbed: NOT_CLIMBED };
    const error = problem === undefined ? undefined : inputError(problem);
    const sentence = { sampleKey, task, texts, climbed, provisional: undefined, error, sent };
    this.#known.delete(sampleKey);
    this.#known.set(sampleKey, sentence);
    return sentence;
  }

  /** One key for each task and text, and for each line that is none. */
  #sampleKey(task: string, line: SentenceLine): string {
    const name = `${task}\n${line.texts.join('\t')}\n${problemIn(line) ?? ''}`;
    const key = this.#sampleKeys.get(name) ?? `${this.#keyPrefix}-${++this.#lastKey}`;
    this.#sampleKeys.set(name, key);
    return key;
  }

  /** Takes on the next sentences whose exit is not known, unless others are under way or it is not yet clear which they are. */
  #climbOn(): void {
    if (this.isRunning || this.#isStopped || this.#settleTimer !== undefined || this.#tally.isSweeping) return;
    const waiting = this.#tally.waiting(MOST_PER_RUN);
    if (waiting.length === 0 || !this.fitting.decision) return;
    const { fields, policy, parameters, plan } = this.settings;
    const samples = waiting.map(({ sampleKey, texts, climbed }) => ({
      sampleKey,
      texts,
      priorLogits: usableExits(climbed.exits, policy).map((exit) => exit.logits),
    }));
    const choice = { id: policy.id, parameters: { ...parameters } };
    const mayBeginAtEdge = this.count <= MOST_AT_EDGE;
    this.#run = this.tier.run(
      { task: fields.task, policy: choice, plan, payloadDtype: fields.payload, mayBeginAtEdge, samples },
      this.#listener,
    );
  }

  readonly #listener: RunListener = {
    provisional: (message) => this.#answeredAtFirst(message),
    result: (message) => this.#resulted(message),
    failed: ({ sampleKey, error }) =>
      this.#update(sampleKey, (sentence) => ({ ...sentence, provisional: undefined, error })),
    // Settings may have moved, or sentences been added, while the run was on: go on until all is decided.
    finished: () => {
      this.#run = undefined;
      this.#climbOn();
    },
  };

  /** To be told what was read of a sentence that had its answer before. */
  readLate({ sampleKey, reading }: MessageOf<'reading'>): void {
    this.#update(sampleKey, (sentence) => ({ ...sentence, climbed: { ...sentence.climbed, reading } }));
  }

  #resulted({ sampleKey, result }: MessageOf<'result'>): void {
    this.#update(sampleKey, (sentence) => {
      const task = taskOf(this.settings.manifest, sentence.task);
      const climbed = climbedFurther(sentence.climbed, result, (logits) => taskExits(task, logits));
      return { ...sentence, climbed, provisional: undefined };
    });
  }

  #answeredAtFirst({ sampleKey, logits }: MessageOf<'provisional'>): void {
    const nearLayer = this.settings.stretches[0]?.lastLayer ?? 0;
    this.#update(sampleKey, (sentence) => {
      const exits = taskExits(taskOf(this.settings.manifest, sentence.task), logits.slice(0, nearLayer));
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
}

function problemIn({ line, problem }: SentenceLine): string | undefined {
  return problem && `Line ${line} ${problem}.`;
}

/** The first of the problems, and how many more there are. */
function problemOf([first, ...others]: readonly string[]): string | undefined {
  if (others.length === 0) return first;
  return `${first} ${others.length.toLocaleString('en')} more ${others.length === 1 ? 'line is' : 'lines are'} left out too.`;
}
