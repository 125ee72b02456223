import { untrack } from 'svelte';
import type { Plan } from '../core/layers';
import type { LoadMessage } from '../core/protocol/page-messages';
import type { Manifest, ModelFile } from '../core/model/manifest';
import { PolicyFiles } from '../core/trace/policy-files';
import * as contexts from './contexts';
import { Optimiser } from './compare/comparison/Optimiser.svelte';
import { PolicyTable } from './compare/comparison/PolicyTable.svelte';
import { Lab } from './compare/Lab.svelte';
import { Device } from './device/Device.svelte';
import { startMeasureWorker } from './device/measure-worker';
import { OwnData } from './own-data/OwnData.svelte';
import { RowFilter } from './results/RowFilter.svelte';
import { ShownRows } from './results/ShownRows.svelte';
import { DevSplit } from './state/DevSplit.svelte';
import type { Fields } from '../core/view/fields';
import { EdgeTokens } from './state/EdgeTokens';
import { Fitting } from './state/Fitting.svelte';
import { Line } from './state/Line.svelte';
import { fetchModelFile, keptFiles } from './state/model-file';
import { Notices } from './state/Notices.svelte';
import { Offline } from './state/Offline.svelte';
import { PageWorker } from './state/PageWorker.svelte';
import { Picture } from './state/Picture.svelte';
import { SentenceKeeper } from './state/SentenceKeeper.svelte';
import { Sentences } from './state/Sentences.svelte';
import { type SavedView, Settings } from './state/Settings.svelte';
import { TabStore } from './state/TabStore';
import { UndoStack } from './state/UndoStack.svelte';
import { ViewHistory } from './state/ViewHistory';
import { Tour } from './tour/Tour.svelte';
import type { TierWorker } from './state/watched-worker';
import { type TierTrace, WorkerTier } from './state/WorkerTier.svelte';
import { Language } from './words/language.svelte';

/** How long it must be quiet before the deeper layers are fetched for the case that the edge goes away. */
const QUIET_MS = { unused: 3000, answered: 500 };

/** How the page runs, beside all that stands in the hash of its address. */
export interface PageOptions {
  readonly trace?: TierTrace | undefined;
  /** Threads of the WASM runtime, whatever the processor has. */
  readonly threads?: number | undefined;
  /** Starts the worker; again where one has ended. */
  readonly startWorker?: (() => TierWorker) | undefined;
  /** Where files of the model come from; by default from beside its manifest. */
  readonly read?: ((file: ModelFile) => Promise<Uint8Array<ArrayBuffer>>) | undefined;
}

/** The page: makes all that has state, owns the one handle on the worker, and does what takes more than one of them. */
export class Playground implements contexts.Commands {
  readonly store = new TabStore();
  readonly settings: Settings;
  readonly tier: WorkerTier;
  readonly fitting: Fitting;
  readonly devSplit: DevSplit;
  readonly sentences: Sentences;
  readonly picture: Picture;
  readonly notices = new Notices();
  readonly undoStack = new UndoStack();
  readonly edgeTokens = new EdgeTokens(keptForLater('sessionStorage'));
  readonly device: Device;
  readonly tour = new Tour();
  readonly lab: Lab;
  readonly policyTable: PolicyTable;
  readonly optimiser: Optimiser;
  readonly ownData: OwnData;
  /** As it was when the page began or the person last chose: a measurement does not change what runs by itself. */
  #measured: ReturnType<Device['loadChoice']>;
  readonly pageWorker = new PageWorker();
  readonly offline: Offline;
  readonly #line = new Line();
  readonly rowFilter: RowFilter;
  readonly shownRows: ShownRows;
  readonly #sentenceKeeper: SentenceKeeper;
  readonly #history: ViewHistory;
  /** What is said about the link that is open. */
  #linkNotice: string | undefined;

  constructor(
    manifest: Manifest,
    private readonly manifestUrl: URL,
    private readonly edgeUrls: readonly string[],
    private readonly debug: PageOptions = {},
    readonly language = new Language(),
  ) {
    this.tier = new WorkerTier({
      ...(debug.startWorker && { start: debug.startWorker }),
      trace: debug.trace,
      readLate: (message) => this.sentences.readLate(message),
      say: (notice) => this.notices.add(notice),
    });
    const { read = (file: ModelFile) => fetchModelFile(file, manifestUrl) } = debug;
    const policyFiles = new PolicyFiles(manifest, read);
    this.settings = new Settings(manifest);
    this.fitting = new Fitting(this.settings, policyFiles);
    this.devSplit = new DevSplit(this.settings, this.fitting, read);
    this.sentences = new Sentences(this.settings, this.fitting, this.tier);
    this.ownData = new OwnData(this);
    this.lab = new Lab(this.settings, this.devSplit, this.ownData.answers, policyFiles);
    this.policyTable = new PolicyTable(this.lab, this.settings);
    this.optimiser = new Optimiser(this.lab, this.settings);
    this.device = new Device({
      ...{ manifest, manifestUrl: manifestUrl.href, navigator, store: keptForLater(), startWorker: startMeasureWorker },
      isBusy: () => this.#isBusy,
      now: () => new Date(),
    });
    this.#measured = this.device.loadChoice();
    this.offline = new Offline({
      ...{ manifest, manifestUrl, tier: this.tier, worker: this.pageWorker, fetchFile: read },
      keptFiles: (files) => keptFiles(files, manifestUrl),
    });
    this.picture = new Picture(this.settings, this.fitting, this.devSplit, this.sentences, this.ownData);
    this.rowFilter = new RowFilter(() => `${this.settings.fields.source} ${this.settings.fields.task}`);
    this.shownRows = new ShownRows(this, this.rowFilter);
    this.#sentenceKeeper = new SentenceKeeper(this.store, this.settings, this.sentences);
    this.#history = new ViewHistory(
      this.settings,
      this.notices,
      (view) => this.open(view),
      (view) => this.undoStack.note(view),
    );
  }

  /** To be called where the page's component is set up: hands each concern to whoever needs it. */
  provide(): void {
    contexts.provideSettings(this.settings);
    contexts.provideTier(this.tier);
    contexts.provideEdgeTokens(this.edgeTokens);
    contexts.provideFitting(this.fitting);
    contexts.provideDevSplit(this.devSplit);
    contexts.provideSentences(this.sentences);
    contexts.providePicture(this.picture);
    contexts.provideNotices(this.notices);
    contexts.provideDevice(this.device);
    contexts.provideLab(this.lab);
    contexts.providePolicyTable(this.policyTable);
    contexts.provideOptimiser(this.optimiser);
    contexts.provideOwnData(this.ownData);
    contexts.providePageWorker(this.pageWorker);
    contexts.provideOffline(this.offline);
    contexts.provideRowFilter(this.rowFilter);
    contexts.provideShownRows(this.shownRows);
    contexts.provideUndoStack(this.undoStack);
    contexts.provideLanguage(this.language);
    contexts.provideTour(this.tour);
    contexts.provideCommands(this);
  }

  /** Resolves once what is shown first is here, or cannot be had. */
  async whenShown(): Promise<void> {
    const { policy, fields } = this.settings;
    await Promise.all([this.devSplit.load(fields.task), this.fitting.load(policy, fields.task)]);
  }

  /** Opens the address, and follows it and the settings until the function that it returns is called. */
  start(): () => void {
    return $effect.root(() => {
      $effect(() => this.#askBeforeLoss());
      $effect(() => this.#history.follow());
      $effect(() => {
        const { view, panel } = this.settings.fields;
        untrack(() => this.#history.placeIs({ view, panel }, this.settings.hashWith({})));
      });
      $effect(() => this.#history.keep(this.settings.save()));
      $effect(() => void this.whenShown());
      $effect(() => {
        if (this.settings.fields.view === 'compare') void this.lab.load(this.settings.fields.task);
      });
      $effect(() => this.sentences.followSettings());
      $effect(() => {
        if (this.#isBusy) untrack(() => this.device.giveWay());
      });
      $effect(() => this.#sentenceKeeper.follow());
      $effect(() => this.#showWhatIsThere());
      $effect(() => this.#loadAheadWhenQuiet());
      $effect(() => this.offline.follow());
    });
  }

  /**
   * Takes over the view of a link, or one of before. Sentences in it run by themselves, since whoever left them saw their
   * results, unless these come along.
   */
  async open(view: string | SavedView): Promise<void> {
    const { backend, variant } = this.settings.fields;
    const notice =
      typeof view === 'string' ? await this.settings.applyLink(view) : (await this.settings.restore(view), undefined);
    const { sent } = this.settings;
    const isOtherDevice = this.settings.fields.backend !== backend || this.settings.fields.variant !== variant;
    if (isOtherDevice) this.#forget();
    const misfit = sent && this.sentences.showSent(sent);
    const isShown = sent !== undefined && misfit === undefined;
    const said = [notice, misfit].filter((words) => words !== undefined).join(' ') || undefined;
    this.notices.replace(this.#linkNotice, said);
    this.#linkNotice = said;
    this.loadModel();
    this.undoStack.note(this.settings.save());
    void this.ownData.restore();
    if (!isShown) void this.#runWhatIsShown();
  }

  /** What the tab had computed of it need not run again. */
  async #runWhatIsShown(): Promise<void> {
    await this.#sentenceKeeper.recall();
    if (this.settings.fields.source === 'sentences') this.#runSentences();
  }

  async run(): Promise<void> {
    const runAll = () => this.#runSentences();
    const { text } = this.settings.fields;
    if (this.ownData.isTable(text) === false || !(await this.ownData.openPasted(text, runAll))) runAll();
  }

  #runSentences(): void {
    this.ownData.run.giveWay();
    this.sentences.run();
  }

  showExamples(): void {
    const { isOwnText } = this.settings;
    const { text, seed, task } = this.settings.fields;
    this.settings.showExamples();
    if (!isOwnText) return;
    const { examplesTookOver, undo } = this.language.words.shell;
    const bringBack = () => {
      if (task !== this.settings.fields.task) this.settings.setTask(task);
      this.settings.set({ text, seed });
    };
    this.notices.add(examplesTookOver, { name: undo, act: bringBack });
  }

  asStep(change: () => void): void {
    this.undoStack.note(this.settings.save());
    change();
  }

  undo(): void {
    this.undoStack.note(this.settings.save());
    void this.#stepTo(this.undoStack.undo());
  }

  redo(): void {
    void this.#stepTo(this.undoStack.redo());
  }

  reset(): void {
    this.asStep(() => this.settings.reset());
    this.loadModel();
  }

  takeBest(): void {
    this.asStep(() => this.settings.takeBest());
    this.loadModel();
  }

  /** Takes over what was set and written at another step, at the place where one is. */
  async #stepTo(step: SavedView | undefined): Promise<void> {
    if (!step) return;
    const { view, panel, source, backend, variant } = this.settings.fields;
    await this.settings.restore(step);
    this.settings.set({ view, panel, source });
    if (this.settings.fields.backend !== backend || this.settings.fields.variant !== variant) this.#forget();
    this.loadModel();
  }

  setPlan(change: Partial<Plan>): void {
    this.settings.setPlan(change);
    this.loadModel();
  }

  setDevice(device: Partial<Pick<Fields, 'backend' | 'variant'>>): void {
    this.#measured = this.device.loadChoice();
    this.#forget();
    this.settings.set(device);
    this.loadModel();
  }

  giveToken(edgeUrl: string, token: string): void {
    this.edgeTokens.keep(edgeUrl, token);
    this.loadModel();
  }

  #forget(): void {
    this.sentences.forget();
    this.ownData.deviceChanged();
  }

  /** Fetches what the mobile tier needs for the current split, backend and variant. */
  loadModel(): void {
    const { fields, plan } = this.settings;
    const { backend, variant } = fields;
    const { mobileLayers } = plan;
    const { manifestUrl, debug } = this;
    const { threads } = debug;
    const edges = this.edgeUrls.map((url) => ({ url, token: this.edgeTokens.of(url) }));
    const asked = { manifestUrl: manifestUrl.href, edges, backend, variant, mobileLayers, threads };
    this.tier.load({ ...asked, ...this.#choiceFor(asked) });
  }

  /** What was measured to be the fastest decides where nobody else has. */
  #choiceFor({ backend, variant, threads }: Pick<LoadMessage, 'backend' | 'variant' | 'threads'>) {
    const measured = this.#measured;
    if (backend !== 'auto' || threads !== undefined || !measured) return undefined;
    return variant === 'auto' ? measured : { ...measured, variant };
  }

  get #isBusy(): boolean {
    return this.sentences.isRunning || this.ownData.run.state === 'running';
  }

  /** The browser asks whoever leaves whether that is meant; its words are its own. */
  #askBeforeLoss(): (() => void) | undefined {
    if (!this.ownData.wouldBeLost) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }

  /** A link never holds a file, and a file is of one task: without its rows, the dev split is shown. */
  #showWhatIsThere(): void {
    const { source, task } = this.settings.fields;
    const { ownData } = this;
    if (source !== 'file' || ownData.isRestoring || ownData.hasRowsOf(task)) return;
    if (!ownData.result) this.notices.add(this.language.words.results.sources.file.gone);
    this.settings.set({ source: 'dev' });
  }

  #loadAheadWhenQuiet(): (() => void) | undefined {
    if (!this.tier.isReady || this.sentences.isRunning || !this.#line.isFree) return undefined;
    const quietMs = this.sentences.count > 0 ? QUIET_MS.answered : QUIET_MS.unused;
    const timer = setTimeout(() => this.offline.prepare(), quietMs);
    return () => clearTimeout(timer);
  }
}

/** Undefined where the browser forbids it. */
function keptForLater(where: 'localStorage' | 'sessionStorage' = 'localStorage'): Storage | undefined {
  try {
    return globalThis[where];
  } catch {
    return undefined;
  }
}
