import { messageOf } from '../../core/errors';
import { type Columns, recogniseColumns } from '../../core/own-data/columns';
import type { Dialect } from '../../core/own-data/dialect';
import { MOST_LABEL_WORDS, type LabelWords, recogniseWords, wordsOf } from '../../core/own-data/label-words';
import { fitRows, type FittedRows } from '../../core/own-data/own-rows';
import { parseTable, type Table } from '../../core/own-data/table';
import type { Settings } from '../state/Settings.svelte';
import { breathe } from '../state/breathe';

/** A table that a person opened: how it is read, what its columns are, and which rows fit the task. */
export class OwnFile {
  #table: Table = $state.raw({ rows: [], width: 0 });
  #dialect: Dialect = $state.raw({ delimiter: '\t', quoted: false });
  #problem: string | undefined = $state();
  /** What the person chose otherwise than it was recognised. */
  #columns: Partial<Columns> = $state.raw({});
  #words: LabelWords = $state.raw(new Map());

  constructor(
    readonly name: string,
    private readonly text: string,
    private readonly settings: Settings,
  ) {}

  get table() {
    return this.#table;
  }

  get dialect() {
    return this.#dialect;
  }

  readonly columns: Columns = $derived.by(() => ({
    ...recogniseColumns(this.#table, this.settings.task),
    ...this.#columns,
  }));

  /** What columns are called: by the header, or by their number. */
  readonly columnNames: readonly string[] = $derived.by(() => {
    const header = this.columns.hasHeader ? this.#table.rows[0]?.fields : undefined;
    return Array.from({ length: this.#table.width }, (_, column) => header?.[column]?.trim() || `Column ${column + 1}`);
  });

  /** The rows below the header. */
  readonly body = $derived.by(() => (this.columns.hasHeader ? this.#table.rows.slice(1) : this.#table.rows));

  /** The words of the label column, most frequent first. */
  readonly labelWords: readonly string[] = $derived.by(() => {
    const { label } = this.columns;
    if (label === undefined) return [];
    return wordsOf(this.body.map(({ fields }) => fields[label] ?? ''));
  });

  /** Which class each of them means. */
  readonly meanings: LabelWords = $derived.by(
    () => new Map([...recogniseWords(this.labelWords, this.settings.task), ...this.#words]),
  );

  readonly fitted: FittedRows | undefined = $derived.by(() =>
    this.#columnProblem === undefined
      ? fitRows(this.#table, this.columns, this.meanings, this.settings.task)
      : undefined,
  );

  /** Why nothing can be run yet. */
  readonly problem: string | undefined = $derived.by(() => {
    const problem = this.#problem ?? this.#columnProblem;
    if (problem !== undefined || (this.fitted?.rows.texts.length ?? 0) > 0) return problem;
    return 'No row fits. See below why, and choose other columns.';
  });

  /** Reads the table as written in another way. */
  async read(dialect: Dialect): Promise<void> {
    this.#dialect = dialect;
    this.#columns = {};
    this.#words = new Map();
    try {
      const table = await parseTable(this.text, dialect, breathe);
      if (this.#dialect !== dialect) return;
      this.#problem = undefined;
      this.#table = table;
    } catch (error) {
      if (this.#table.width === 0) throw error;
      this.#problem = messageOf(error);
    }
  }

  setTask(task: string): void {
    this.settings.setTask(task);
    this.#columns = {};
    this.#words = new Map();
  }

  choose(change: Partial<Columns>): void {
    this.#columns = { ...this.#columns, ...change };
    if ('label' in change) this.#words = new Map();
  }

  /** `null` leaves rows of the word out. */
  setMeaning(word: string, label: number | null): void {
    this.#words = new Map(this.#words).set(word, label);
  }

  get #columnProblem(): string | undefined {
    const { task } = this.settings;
    const { texts, label } = this.columns;
    if (texts.includes(undefined)) {
      const needed = task.pair ? 'two columns of texts' : 'a column of texts';
      const found = this.#table.width === 1 ? 'one column' : `${this.#table.width} columns`;
      return `${task.name} needs ${needed}, and this file has ${found} to choose from. Choose another delimiter or task.`;
    }
    if (new Set([...texts, label]).size <= texts.length) return 'Each column can be chosen only once.';
    if (this.labelWords.length <= MOST_LABEL_WORDS) return undefined;
    const name = this.columnNames[label ?? 0];
    return `“${name}” has more than ${MOST_LABEL_WORDS} different words, so it is no label column. Choose another, or “No labels”.`;
  }
}
