import { messageOf } from '../../core/errors';
import { getContext, setContext } from 'svelte';
import type { Plan } from '../../core/layers';
import type { Manifest } from '../../core/model/manifest';
import { PolicyFiles } from '../../core/trace/policy-files';
import { Lab } from '../lab/Lab.svelte';
import { OwnData } from '../own-data/OwnData.svelte';
import { DevSplit } from './DevSplit.svelte';
import { type ExitView, viewOfDevSplit, viewOfOutcomes } from './exit-view';
import type { Fields } from './fields';
import { Fitting } from './Fitting.svelte';
import { fetchModelFile } from './model-file';
import { Sentences } from './Sentences.svelte';
import { Settings } from './Settings.svelte';

/** The page's state: settings go in, the recorded dev split and the person's sentences come out under them. */
export class Playground {
  readonly settings: Settings;
  readonly fitting: Fitting;
  readonly devSplit: DevSplit;
  readonly sentences: Sentences;
  readonly lab: Lab;
  readonly ownData: OwnData;
  #notices: readonly string[] = $state.raw([]);
  /** Why the last Run could not begin. */
  #inputProblem: string | undefined = $state();

  constructor(
    readonly manifest: Manifest,
    private readonly manifestUrl: URL,
    private readonly edgeUrl: string,
  ) {
    this.settings = new Settings(manifest);
    const policyFiles = new PolicyFiles(manifest, (file) => fetchModelFile(file, manifestUrl));
    this.fitting = new Fitting(this.settings, policyFiles);
    this.devSplit = new DevSplit(this.settings, this.fitting, manifestUrl);
    this.sentences = new Sentences(this.settings, this.fitting, manifest);
    this.lab = new Lab(this.settings, this.devSplit, policyFiles);
    this.ownData = new OwnData(this);
  }

  /** What the person should know, newest last. */
  get notices() {
    return this.#notices;
  }

  /** Why the policy says nothing of what hero and charts would show. */
  get policyProblem(): string | undefined {
    const { policyProblem } = this.settings.fields.source === 'sentences' ? this.sentences : this.devSplit;
    return this.fitting.problem ?? policyProblem;
  }

  /** What hero and charts show; undefined until there is something. */
  readonly view: ExitView | undefined = $derived.by(() =>
    this.settings.fields.source === 'sentences' ? this.#sentencesView() : this.#devView(),
  );

  /** Takes over the view of a link. Sentences in it run by themselves, since whoever shared them saw their results. */
  async open(hash: string): Promise<void> {
    const { backend, variant } = this.settings.fields;
    const problems = await this.settings.applyLink(hash);
    const isOtherDevice = this.settings.fields.backend !== backend || this.settings.fields.variant !== variant;
    if (isOtherDevice) this.#forget();
    if (problems.length > 0) {
      this.notify(`This link is damaged: ${problems.join('; ')}. The defaults stand in for what is missing.`);
    }
    this.loadModel();
    if (this.settings.fields.source === 'sentences') this.run();
  }

  setDevice(device: Partial<Pick<Fields, 'backend' | 'variant'>>): void {
    this.#forget();
    this.settings.set(device);
    this.loadModel();
  }

  #forget(): void {
    this.sentences.forget();
    this.ownData.deviceChanged();
  }

  setPlan(change: Partial<Plan>): void {
    this.settings.setPlan(change);
    this.loadModel();
  }

  /** Fetches what the mobile tier needs for the current split, backend and variant. */
  loadModel(): void {
    const { backend, variant } = this.settings.fields;
    const { mobileLayers } = this.settings.plan;
    this.sentences.tier.load({
      manifestUrl: this.manifestUrl.href,
      edgeUrl: this.edgeUrl,
      backend,
      variant,
      mobileLayers,
    });
  }

  get inputProblem() {
    return this.#inputProblem;
  }

  run(): void {
    this.#inputProblem = undefined;
    this.ownData.run.giveWay();
    try {
      this.sentences.run();
    } catch (error) {
      this.#inputProblem = messageOf(error);
    }
  }

  notify(notice: string): void {
    this.#notices = [...this.#notices.filter((earlier) => earlier !== notice), notice];
  }

  dismiss(notice: string): void {
    this.#notices = this.#notices.filter((other) => other !== notice);
  }

  #devView(): ExitView | undefined {
    const { result } = this.devSplit;
    return result && viewOfDevSplit(result);
  }

  #sentencesView(): ExitView {
    return viewOfOutcomes(this.sentences.totals.groups, this.manifest.layers, this.settings.costs);
  }
}

const KEY = Symbol('playground');

export function providePlayground(playground: Playground): Playground {
  return setContext(KEY, playground);
}

export function usePlayground(): Playground {
  return getContext<Playground>(KEY);
}
