import { messageOf } from '../../core/errors';
import type { Columns } from '../../core/own-data/columns';
import { type ReadTable, readTable, type Written } from '../../core/own-data/layout';
import { NOTHING_SAID, type Said, understand, type Understanding } from '../../core/own-data/understanding';
import type { Settings } from '../state/Settings.svelte';
import { breathe } from '../state/breathe';

const NOTHING_READ: ReadTable = { table: { rows: [], width: 0 }, kind: 'delimited', dialect: undefined };

/** A table that a person opened: how it is read, how it is understood, and what the person says of it. */
export class OwnFile {
  #read: ReadTable = $state.raw(NOTHING_READ);
  #written: Written = $state.raw({});
  #problem: string | undefined = $state();
  #said: Said = $state.raw(NOTHING_SAID);

  constructor(
    readonly name: string,
    readonly text: string,
    private readonly settings: Settings,
    /** Takes it as the lines of sentences that it may be meant as. */
    readonly asSentences?: () => void,
  ) {}

  get table() {
    return this.#read.table;
  }

  /** How fields are divided; undefined for files of other kinds. */
  get dialect() {
    return this.#read.dialect;
  }

  /** The delimiter of which only the person can say whether it divides lines. */
  get doubtful() {
    return this.#read.doubtful;
  }

  readonly understanding: Understanding = $derived.by(() => understand(this.#read, this.settings.task, this.#said));

  /** Why nothing can be run yet. */
  readonly problem: string | undefined = $derived.by(() => {
    const { questions, fitted } = this.understanding;
    if (this.#problem !== undefined) return this.#problem;
    if (questions.length > 0) return questions.map(({ text }) => text).join(' ');
    return fitted && fitted.rows.texts.length > 0 ? undefined : 'No row fits. See below why, and choose other columns.';
  });

  /**
   * Reads the table, as it seems to be written or as a person says.
   * @throws DimeeError where it cannot be read and nothing was read before.
   */
  async read(written: Written = {}): Promise<void> {
    this.#written = written;
    this.#said = NOTHING_SAID;
    try {
      const read = await readTable(this.text, this.settings.task, written, breathe);
      if (this.#written !== written) return;
      this.#problem = undefined;
      this.#read = read;
    } catch (error) {
      if (this.table.width === 0) throw error;
      this.#problem = messageOf(error);
    }
  }

  /** What divides lines may depend on what labels there are: all is recognised anew. */
  async setTask(task: string): Promise<void> {
    this.settings.setTask(task);
    await this.read({ ...this.#written });
  }

  choose(change: Partial<Columns>): void {
    const { columns, words } = this.#said;
    this.#said = { columns: { ...columns, ...change }, words: 'label' in change ? NOTHING_SAID.words : words };
  }

  /** `null` leaves rows of the word out. */
  setMeaning(word: string, label: number | null): void {
    this.#said = { ...this.#said, words: new Map(this.#said.words).set(word, label) };
  }
}
