import { messageOf } from '../../core/errors';
import { withoutPools } from '../../core/own-data/own-trace';
import { taskOf } from '../../core/model/manifest';
import { download } from '../charts/download';
import type { Fitting } from '../state/Fitting.svelte';
import type { Sentences } from '../state/Sentences.svelte';
import type { Settings } from '../state/Settings.svelte';
import type { KeptStore } from '../state/TabStore';
import type { WorkerTier } from '../state/WorkerTier.svelte';
import { OwnAnswers } from './OwnAnswers.svelte';
import type { OwnFile } from './OwnFile.svelte';
import { answersOf, goldOf, noSentencesOf, type OwnResult, rowsOf, sourceOf } from './OwnResult';
import { OwnRun } from './OwnRun.svelte';
import type * as Reader from './reader';
import { type JobOrder, jobOf, type KeptRun, RunKeeper } from './RunKeeper';

/** How far rows are run: through all exits, or to where they leave under the page's policy. */
export type Depth = 'everyExit' | 'ownExit';

/** Rows of a run under way that are shown as they come: to calibrate more of them anew each time would hold up the page. */
const MOST_LIVE = 2000;

/** A store that has not answered by then has kept nothing. */
const PATIENCE_MS = 3000;

/** What of the page own data have to do with. */
export interface OwnDataParts {
  readonly settings: Settings;
  readonly fitting: Pick<Fitting, 'decision' | 'problem'>;
  readonly tier: Pick<WorkerTier, 'run'>;
  readonly sentences: Pick<Sentences, 'policyProblem'>;
  readonly store: KeptStore;
}

/** A person's own data, from the file to the results: what is being read, chosen, run, and what came of it. */
export class OwnData {
  readonly run: OwnRun;
  readonly answers: OwnAnswers;
  #reading: File | undefined = $state.raw();
  #file: OwnFile | undefined = $state.raw();
  #problem: string | undefined = $state();
  #result: OwnResult | undefined = $state.raw();
  /** Of the run under way. */
  #soFar: OwnResult | undefined = $state.raw();
  #warning: string | undefined = $state();
  /** Here from the first file on. */
  #reader: typeof Reader | undefined = $state.raw();
  #keepProblem: string | undefined = $state();
  /** It may have been cut off by a reload, which is being found out. */
  #isRestoring = $state(true);
  #restoring: Promise<void> | undefined;
  #isSeen = $state(true);
  readonly #keeper: RunKeeper;
  /** The text between sentences that is to be taken as it stands. */
  #plainText: string | undefined;

  constructor(private readonly page: OwnDataParts) {
    this.#keeper = new RunKeeper(page.store, page.settings.manifest, (reason) => (this.#keepProblem = reason));
    this.run = new OwnRun(page.tier, {
      ended: (result) => this.#ended(result),
      found: (part) => {
        this.#keeper.add(part);
        if ((this.run.job?.collector.count ?? 0) <= MOST_LIVE) this.#soFar = this.run.resultSoFar();
      },
    });
    this.answers = new OwnAnswers(page.settings, page.fitting, () => this.#result ?? this.#soFar);
  }

  /** The name of the file that is being read. */
  get reading() {
    return this.#reading?.name;
  }

  /** The table whose columns are being chosen. */
  get file() {
    return this.#file;
  }

  /** What is wrong with the file that was to be opened. */
  get problem() {
    return this.#problem;
  }

  get result() {
    return this.#result;
  }

  /** What is not as it should be with the result. */
  get warning() {
    return this.#warning;
  }

  /** Why rows cannot be run to where they leave. */
  readonly ownExitProblem: string | undefined = $derived.by(() => {
    const { fitting, sentences } = this.page;
    const waiting = fitting.decision ? undefined : 'What the policy was fitted to is not here yet.';
    return sentences.policyProblem ?? fitting.problem ?? waiting;
  });

  /** The order of classes by which far more rows of the result would be right. */
  readonly otherOrder = $derived.by(() => {
    const result = this.#result;
    const gold = result && goldOf(result);
    if (!gold) return undefined;
    return this.#reader?.otherOrder(
      gold,
      answersOf(result),
      taskOf(this.page.settings.manifest, result.task).labels.length,
    );
  });

  /** Why a reload would lose what was found out of the rows. */
  get keepProblem() {
    return this.#keepProblem;
  }

  /** Leaving the page now loses rows, or the time that they take. */
  get wouldBeLost(): boolean {
    return this.run.state === 'running' || (this.#keepProblem !== undefined && this.#hasAny);
  }

  /** A run has ended, and nobody has looked yet. */
  get isNews(): boolean {
    return !this.#isSeen && this.#result !== undefined;
  }

  see(): void {
    this.#isSeen = true;
  }

  /** Rows of the run under way that are shown already. */
  get shownSoFar(): number {
    return this.#soFar ? rowsOf(this.#soFar) : 0;
  }

  get #hasAny(): boolean {
    return this.#result !== undefined || this.run.job !== undefined;
  }

  /** Takes over, once, what this tab had before it was loaded anew. Never fails, and never takes long. */
  restore(): Promise<void> {
    this.#restoring ??= this.#restore();
    return this.#restoring;
  }

  /** It is being found out what this tab had. */
  get isRestoring(): boolean {
    return this.#isRestoring;
  }

  async #restore(): Promise<void> {
    try {
      const { result, unfinished } = await Promise.race([this.#keeper.restore(), nothingAfter(PATIENCE_MS)]);
      if (this.#hasAny) return;
      if (result ?? unfinished) this.expectFiles();
      if (result) this.#show(result);
      if (unfinished) this.#takeOver(unfinished);
    } catch {
      // A browser without a store has kept nothing.
    } finally {
      this.#isRestoring = false;
    }
  }

  #takeOver({ job, parts }: NonNullable<KeptRun['unfinished']>): void {
    this.run.takeOver(job, parts);
    this.#soFar = this.run.resultSoFar();
    if (job.device !== this.#device) this.deviceChanged();
  }

  get #device(): string {
    const { backend, variant } = this.page.settings.fields;
    return `${backend} ${variant}`;
  }

  /** Whether rows of the task are here, or on their way. */
  hasRowsOf(task: string): boolean {
    return this.#result?.task === task || this.run.job?.task === task;
  }

  /** Fetches what reads files, for the case that one comes soon. */
  expectFiles(): void {
    this.#fetchReader().catch(() => undefined);
  }

  /** Whether a text carries labels; undefined while what can tell that is not here. */
  isTable(text: string): boolean | undefined {
    if (isPlainLine(text)) return false;
    return this.#reader?.carriesLabels(text, this.page.settings.task);
  }

  /** @throws Error where it cannot be fetched; the next call tries again. */
  async #fetchReader(): Promise<typeof Reader> {
    return (this.#reader ??= await import('./reader'));
  }

  /** Opens a table or a recorded run. What is wrong with it is said, never thrown. */
  async open(files: readonly File[], asSentences?: () => void): Promise<void> {
    this.closeFile();
    const [file] = files;
    if (!file) return;
    try {
      if (files.length > 1) throw new Error('Open one file at a time.');
      if (this.run.state !== 'idle') {
        throw new Error('Rows of another file are being run. Let them end, or cancel them, and open this file then.');
      }
      await this.#read(file, asSentences);
    } catch (error) {
      this.#problem = messageOf(error);
    } finally {
      if (this.#reading === file) this.#reading = undefined;
    }
  }

  /**
   * Opens what stands between sentences, or is put there, where it carries labels; `asSentences` has it taken as it
   * stands. Whether it was opened.
   */
  async openPasted(text: string, asSentences: () => void): Promise<boolean> {
    if (isPlainLine(text)) return false;
    // Where the reader cannot be had, the text is taken as it stands.
    await this.#fetchReader().catch(() => undefined);
    if (text === this.#plainText || !this.isTable(text)) return false;
    const name = 'Pasted lines';
    void this.open([new File([text], name)], () => {
      this.closeFile();
      this.#plainText = text;
      asSentences();
      this.#plainText = this.page.settings.fields.text;
    });
    return true;
  }

  /** Puts away the file that was to be run, or what was wrong with it. */
  closeFile(): void {
    this.#file = this.#problem = this.#reading = undefined;
  }

  /** Runs the rows of the file that fit. */
  start(depth: Depth): void {
    const { settings, fitting } = this.page;
    const rows = this.#file?.understanding.fitted?.rows;
    const { fields, costs, plan } = settings;
    const { decision } = fitting;
    if (!this.#file || !rows || (depth === 'ownExit' && !decision)) return;
    const order: JobOrder = {
      ...{ name: this.#file.name, task: fields.task, rows, plan, payloadDtype: fields.payload, costs },
      device: this.#device,
      decision: depth === 'ownExit' ? decision : undefined,
    };
    this.closeFile();
    this.closeResult();
    settings.set({ view: 'data' });
    this.#keepProblem = undefined;
    this.#keeper.begin(order);
    this.run.start(jobOf(order, settings.manifest));
  }

  /** Other weights give other numbers: what is done so far is kept, with a word on why there is no more. */
  deviceChanged(): void {
    if (this.run.state === 'idle') return;
    this.run.cancel();
    this.#warning = 'The run ended because the backend or the weights were changed. What was done before is kept.';
  }

  /** Opens Compare on the rows. */
  compare(): void {
    if (this.#result?.trace) this.page.settings.set({ view: 'compare', source: 'file' });
  }

  saveTrace(): void {
    const { trace, name } = this.#result ?? {};
    const reader = this.#reader;
    if (!reader || !trace || name === undefined) return;
    download(`${stem(name)}.${reader.TRACE_EXTENSION}`, new Blob([reader.encodeTrace(trace)]));
  }

  /** Saves where rows leave: as they did, or, where all exits are known, as they do under the page's policy. */
  saveResults(): void {
    const result = this.#result;
    const columns = result?.exits ?? this.answers.evaluation;
    if (!result || !columns || !this.#reader) return;
    const { labels } = taskOf(this.page.settings.manifest, result.task);
    const about = { source: sourceOf(result), gold: goldOf(result), noSentences: noSentencesOf(result) };
    const lines = this.#reader.resultsTsv(columns, { labels, readings: result.readings, ...about });
    download(`${stem(result.name)}-results.tsv`, new Blob(lines, { type: 'text/tab-separated-values' }));
  }

  /** Takes labels in the order by which far more rows are right: nothing is run again. */
  takeOtherOrder(): void {
    const [result, order, reader] = [this.#result, this.otherOrder, this.#reader];
    if (!result || !order || !reader) return;
    const { trace, rows } = result;
    this.#result = {
      ...result,
      trace: trace && { ...trace, gold: reader.goldInOrder(trace.gold, order) },
      rows: rows?.gold && {
        ...rows,
        gold: reader.goldInOrder(rows.gold, order),
        ...(rows.words && { words: reader.wordsInOrder(rows.words, order) }),
      },
    };
    this.#keeper.finish(this.#result);
  }

  /** Why results cannot be saved under the page's policy. */
  readonly resultsProblem: string | undefined = $derived.by(() => {
    const { settings, fitting } = this.page;
    const result = this.#result;
    if (!result || result.exits) return undefined;
    if (result.task !== settings.fields.task) return 'The page is at another task now.';
    return this.answers.problem ?? (fitting.decision ? undefined : 'The policy has not what it needs.');
  });

  closeResult(): void {
    const { settings } = this.page;
    this.#result = this.#warning = this.#keepProblem = undefined;
    this.#keeper.clear();
    if (settings.fields.source === 'file') settings.set({ source: 'dev' });
  }

  /** A file that is put away while it is read is not opened. */
  async #read(file: File, asSentences: (() => void) | undefined): Promise<void> {
    this.#reading = file;
    if (!asSentences) this.page.settings.set({ view: 'data' });
    const reader = await this.#fetchReader();
    reader.checkFileSize(file.name, file.size);
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (this.#reading !== file) return;
    if (reader.isTraceFile(file.name, bytes)) return this.#openTrace(file.name, bytes, reader);
    const text = reader.textOfFile(file.name, bytes);
    const table = new reader.OwnFile(file.name, text, this.page.settings, asSentences);
    await table.read();
    if (this.#reading === file) this.#file = table;
  }

  #ended(result: OwnResult | undefined): void {
    this.#soFar = undefined;
    this.#isSeen = false;
    this.#show(result);
    if (result) this.#keeper.finish(result);
    else this.#keeper.clear();
  }

  #show(result: OwnResult | undefined): void {
    this.#result = result;
    this.#warning = result?.trace && withoutPools(result.name, result.trace, this.page.settings.manifest);
  }

  #openTrace(name: string, bytes: Uint8Array<ArrayBuffer>, reader: typeof Reader): void {
    const { trace, warning } = reader.openOwnTrace(name, bytes, this.page.settings.manifest);
    const unknown = { exits: undefined, rows: undefined, rowNumbers: undefined, readings: undefined };
    this.#result = { name, task: trace.task, trace, ...unknown, noSentences: new Uint32Array() };
    this.#warning = warning;
    this.#keeper.finish(this.#result);
    if (trace.task !== this.page.settings.fields.task) this.page.settings.setTask(trace.task);
  }
}

/** One line, with nothing in it that divides a text from its label for certain: a sentence, for which no reader need come. */
function isPlainLine(text: string): boolean {
  return !/[\n\r\t{[]|__label__/.test(text.trim());
}

function nothingAfter(ms: number): Promise<KeptRun> {
  return new Promise((resolve) => setTimeout(() => resolve({}), ms));
}

function stem(name: string): string {
  return name.replace(/\.\w+$/, '');
}
