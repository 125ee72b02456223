import { type DisagreementKind, disagreeingRows, type PairedComparison } from '../../../core/lab/paired';
import { availableRecorded, filesOf, whatIsMissing } from '../../../core/policies/needs';
import type { Configuration } from '../../state/Configuration';
import { equipmentOf, type Timed } from '../../state/network-view';
import { Live } from '../jobs/Live.svelte';
import type { Lab } from '../Lab.svelte';
import type { Sides } from '../sides';

/** A row that A and B answer otherwise, or settle at another layer. */
export interface DisagreeingRow {
  /** From 0. */
  readonly row: number;
  /** Undefined where it is not known. */
  readonly gold: number | undefined;
  readonly a: RowAnswer;
  readonly b: RowAnswer;
}

interface RowAnswer {
  readonly label: number;
  readonly layer: number;
}

/** A and B on the same rows. To be made where a component is set up. */
export class PairedRows {
  readonly #live: Live<'pair'>;

  constructor(
    private readonly lab: Pick<Lab, 'setting' | 'compute' | 'source'>,
    private readonly timed: Timed,
    private readonly sides: Sides,
  ) {
    this.#live = new Live(lab, 'pair', () => this.#wanted);
  }

  readonly #wanted = $derived.by(() => {
    const { fields, networkLink: custom } = this.timed.settings;
    const { a, b } = this.sides;
    const { network } = fields;
    const job = { a: sideOf(a), b: sideOf(b), network, custom, equipment: equipmentOf(this.timed) };
    return this.obstacle === undefined ? [job] : [];
  });

  /** Why they cannot be compared on these rows. */
  get obstacle(): string | undefined {
    const trace = this.lab.source?.trace.trace;
    if (!trace) return undefined;
    const available = availableRecorded(filesOf(this.timed.settings.task), trace);
    const { a, b } = this.sides;
    return whatIsMissing(a.policy, available) ?? whatIsMissing(b.policy, available);
  }

  /** Undefined until it is here; of an earlier setting while another is on its way. */
  get comparison(): PairedComparison | undefined {
    return this.obstacle === undefined ? this.#live.answers[0] : undefined;
  }

  get isBusy(): boolean {
    return this.#live.isBusy;
  }

  get problems(): readonly string[] {
    return this.#live.problems;
  }

  tryAgain(): void {
    this.#live.tryAgain();
  }

  rowsOf(kind: DisagreementKind): readonly DisagreeingRow[] {
    const { comparison } = this;
    const { source } = this.lab;
    if (!comparison || !source) return [];
    const { a, b } = comparison.answers;
    const { gold } = source.trace.trace;
    const answer = ({ labels, exitLayers }: typeof a, row: number) => ({
      label: labels[row] ?? 0,
      layer: exitLayers[row] ?? 0,
    });
    return disagreeingRows(comparison, kind).map((row) => ({
      ...{ row, gold: source.isLabelled ? gold[row] : undefined },
      ...{ a: answer(a, row), b: answer(b, row) },
    }));
  }
}

function sideOf({ policy, parameters, plan }: Configuration) {
  return { choice: { id: policy.id, parameters }, plan };
}
