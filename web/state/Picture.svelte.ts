import type { DevSplit } from './DevSplit.svelte';
import { type ExitView, viewOfDevSplit, viewOfOutcomes } from './exit-view';
import type { Fitting } from './Fitting.svelte';
import type { Sentences } from './Sentences.svelte';
import type { Settings } from './Settings.svelte';

/** What hero and charts show: the dev split, or the person's sentences. */
export class Picture {
  constructor(
    private readonly settings: Settings,
    private readonly fitting: Pick<Fitting, 'problem'>,
    private readonly devSplit: Pick<DevSplit, 'result' | 'policyProblem'>,
    private readonly sentences: Pick<Sentences, 'totals' | 'policyProblem'>,
  ) {}

  /** Undefined until there is something to show. */
  readonly view: ExitView | undefined = $derived.by(() => {
    const { fields, manifest, costs } = this.settings;
    if (fields.source === 'sentences') return viewOfOutcomes(this.sentences.totals.groups, manifest.layers, costs);
    return this.devSplit.result && viewOfDevSplit(this.devSplit.result);
  });

  /** Why the policy says nothing of what would be shown. */
  get policyProblem(): string | undefined {
    const { policyProblem } = this.settings.fields.source === 'sentences' ? this.sentences : this.devSplit;
    return this.fitting.problem ?? policyProblem;
  }
}
