import { rowsMatching } from '../../core/trace/row-traits';
import { type Journey, modelJourney } from '../../core/network/journey';
import { accessOf } from '../../core/network/profiles';
import { taskOf } from '../../core/model/manifest';
import type { OwnData } from '../own-data/OwnData.svelte';
import type { DevSplit } from '../state/DevSplit.svelte';
import type { Fitting } from '../state/Fitting.svelte';
import { equipmentOf } from '../state/network-view';
import type { Sentences } from '../state/Sentences.svelte';
import type { Settings } from '../state/Settings.svelte';
import type { Language } from '../words/language.svelte';
import { ExitRows } from './exit-rows';
import type { RowFilter } from './RowFilter.svelte';
import type { RowSource } from './row-source';
import { SentenceRows } from './sentence-rows';
import { TraceRows } from './trace-rows';

/** Where rows come from. */
interface Origins {
  readonly settings: Settings;
  readonly language: Pick<Language, 'words'>;
  readonly fitting: Pick<Fitting, 'decision'>;
  readonly devSplit: Pick<DevSplit, 'calibrated' | 'result'>;
  readonly sentences: Sentences;
  readonly ownData: Pick<OwnData, 'answers'>;
}

/** The rows that the results show: those of the source that is set, and of them those that the filter asks for. */
export class ShownRows {
  constructor(
    private readonly from: Origins,
    private readonly filter: RowFilter,
  ) {}

  /** Undefined while the source has no rows, or nothing decides on them. */
  readonly source: RowSource | undefined = $derived.by(() => {
    const { source } = this.from.settings.fields;
    if (source === 'sentences') return this.#sentences;
    return source === 'file' ? this.#file : this.#devSplit;
  });

  /** Numbers of the rows that are shown, from 0; undefined where all are. */
  readonly matching: Uint32Array | undefined = $derived.by(() =>
    this.source && this.filter.isSet ? rowsMatching(this.source.traits, this.filter.query) : undefined,
  );

  get count(): number {
    return this.matching?.length ?? this.source?.count ?? 0;
  }

  /** The number in the source of the row that is shown at a place, both from 0. */
  indexAt(place: number): number {
    return this.matching?.[place] ?? place;
  }

  readonly #sentences: RowSource | undefined = $derived.by(() => {
    const { sentences, settings, language } = this.from;
    // Sentences change without a word; the totals are another object then.
    void sentences.totals;
    const { name } = language.words.results.sources.sentences;
    const rows = new SentenceRows(sentences.snapshot(), name, settings.task.labels, settings.manifest.layers);
    return rows.count > 0 ? rows : undefined;
  });

  readonly #devSplit: RowSource | undefined = $derived.by(() => {
    const { settings, language, fitting, devSplit } = this.from;
    const { calibrated, result: evaluation } = devSplit;
    const { decision } = fitting;
    if (!calibrated || !evaluation || !decision) return undefined;
    const { task, costs } = settings;
    const { gold, isLabelled } = calibrated.trace;
    return new TraceRows({
      ...{ kind: 'dev', name: language.words.results.sources.dev.name(task.name), labels: task.labels },
      ...{ calibrated, evaluation, decision, costs, gold: isLabelled ? gold : undefined },
      model: (journey) => this.#model(journey),
    });
  });

  readonly #file: RowSource | undefined = $derived.by(() => {
    const { settings, fitting, ownData } = this.from;
    const { result, calibrated, evaluation, gold, written } = ownData.answers;
    if (!result) return undefined;
    const { labels } = taskOf(settings.manifest, result.task);
    const about = { name: result.name, labels, gold, written };
    if (result.exits) return new ExitRows({ ...about, layers: settings.manifest.layers, exits: result.exits });
    const { decision } = fitting;
    if (!calibrated || !evaluation || !decision) return undefined;
    const { costs } = settings;
    return new TraceRows({
      kind: 'file',
      ...about,
      calibrated,
      evaluation,
      decision,
      costs,
      model: (journey) => this.#model(journey),
    });
  });

  readonly #model = $derived.by(() => {
    const { settings, sentences } = this.from;
    const equipment = equipmentOf({ settings, sentences });
    const access = accessOf(settings.fields.network, settings.networkLink);
    return (journey: Journey) => modelJourney(journey, equipment, access);
  });
}
