import type { OwnData } from '../own-data/OwnData.svelte';
import type { DevSplit } from './DevSplit.svelte';
import { type ExitView, viewOfEvaluation, viewOfOutcomes } from './exit-view';
import type { Fitting } from './Fitting.svelte';
import type { Sentences } from './Sentences.svelte';
import type { Settings } from './Settings.svelte';

/** What hero and charts show: the dev split, the person's sentences, or their file. */
export class Picture {
  constructor(
    private readonly settings: Settings,
    private readonly fitting: Pick<Fitting, 'problem'>,
    private readonly devSplit: Pick<DevSplit, 'result' | 'policyProblem'>,
    private readonly sentences: Pick<Sentences, 'count' | 'totals' | 'policyProblem'>,
    private readonly ownData: Pick<OwnData, 'answers'>,
  ) {}

  /** Undefined until there is something to show. */
  readonly view: ExitView | undefined = $derived.by(() => {
    const { fields, manifest, costs } = this.settings;
    const { count, totals } = this.sentences;
    if (fields.source === 'sentences') return viewOfOutcomes(totals.groups, manifest.layers, costs, count);
    if (fields.source === 'file') return this.ownData.answers.view;
    return this.devSplit.result && viewOfEvaluation(this.devSplit.result);
  });

  /** Why the policy says nothing of what would be shown. */
  get policyProblem(): string | undefined {
    const { source } = this.settings.fields;
    if (source === 'file') return this.ownData.answers.problem;
    return this.fitting.problem ?? (source === 'sentences' ? this.sentences : this.devSplit).policyProblem;
  }
}
