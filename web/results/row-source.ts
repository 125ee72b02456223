import type { ErrorData } from '../../core/errors';
import type { Exit } from '../../core/exits';
import type { Climbed, Outcome } from '../../core/ladder/outcome';
import type { Texts } from '../../core/model/tokens';
import type { RowTraits } from '../../core/trace/row-traits';
import type { SourceName } from '../../core/view/fields';
import type { SentRow } from '../state/shown-sentence';

/** One line of the results: what is known of a row, and where it is settled under the settings as they are. */
export interface ResultRow {
  /** Undefined where the source ships none. */
  readonly texts: Texts | undefined;
  /** All exits known of it, and what was measured as it ran. */
  readonly climbed: Climbed;
  /** Undefined until it has climbed far enough to know. Its times and bytes are what the source's `times` says. */
  readonly outcome: Outcome | undefined;
  /** The label that people gave it. */
  readonly gold?: number | undefined;
  /** The mobile tier's answer, while a farther tier is asked to refine it. */
  readonly provisional?: Exit | undefined;
  readonly error?: ErrorData | undefined;
  /** What a link brought of it, which stands in until it runs here. */
  readonly sent?: SentRow | undefined;
}

/** Rows of one origin, as hero, charts, table and exports take them. Another object whenever any of it may have changed. */
export interface RowSource {
  readonly kind: SourceName;
  /** For people: “SST-2 dev split”, “Your sentences”, or the name of a file. */
  readonly name: string;
  /** Class names of its task. */
  readonly labels: readonly string[];
  readonly count: number;
  /** What a row is called, beside or instead of its texts: its number from 1, or its line in a file. */
  numberOf(index: number): number;
  /** The row of this number from 0; undefined beyond the last one. */
  rowAt(index: number): ResultRow | undefined;
  /** Of all rows; worked out when it is asked for. */
  readonly traits: RowTraits;
  readonly hasTexts: boolean;
  /** Whether people labelled its rows. */
  readonly hasGold: boolean;
  /** Whether every exit of a row is known, and not only those up to where it was settled. */
  readonly hasAllExits: boolean;
  /** Where times and bytes come from. */
  readonly times: 'measured' | 'modelled' | 'unknown';
}

/** What is remarkable of a settled row, for whoever reads its line. */
export interface RowRemarks {
  /** The exit whose prediction the answer went back on last. */
  readonly changedFrom: Exit | undefined;
  /** What all layers say, where the answer is something else. */
  readonly allLayers: Exit | undefined;
  readonly isWrong: boolean;
}

const NO_REMARKS: RowRemarks = { changedFrom: undefined, allLayers: undefined, isWrong: false };

/** `layers` are those of the whole network. */
export function remarksOn({ outcome, climbed, gold }: ResultRow, layers: number): RowRemarks {
  if (!outcome) return NO_REMARKS;
  const { label, layer } = outcome.exit;
  const before = climbed.exits.slice(0, layer);
  const last = climbed.exits[layers - 1];
  return {
    changedFrom: before.some((exit) => exit.label !== before[0]?.label)
      ? before.findLast((exit) => exit.label !== label)
      : undefined,
    allLayers: last && last.label !== label ? last : undefined,
    isWrong: gold !== undefined && gold !== label,
  };
}
