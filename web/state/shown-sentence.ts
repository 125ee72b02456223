import { type CostWeights, costPartsAt, sumOfParts } from '../../core/cost';
import type { ErrorData } from '../../core/errors';
import type { Exit } from '../../core/exits';
import type { Decision } from '../../core/policies/decision';
import { lastLayerOf, tierAt } from '../../core/layers';
import type { Texts } from '../../core/model/tokens';
import { type Climbed, outcomeOf, type Outcome } from '../../core/ladder/outcome';
import { rowSeedFor } from '../../core/policies/needs';
import type { SentAnswer } from '../../core/view/sent-results';

/** What a link brought, and the settings under which that was the answer (`Settings.decidedBy`). */
export interface SentRow {
  /** Undefined where the run that was sent had none for it. */
  readonly answer: SentAnswer | undefined;
  readonly under: string;
}

/** A sentence and all that is known of it, whatever the settings. */
export interface Sentence {
  readonly sampleKey: string;
  readonly task: string;
  readonly texts: Texts;
  readonly climbed: Climbed;
  /** The mobile tier's answer, while a farther tier is asked to refine it. */
  readonly provisional: Exit | undefined;
  readonly error: ErrorData | undefined;
  /** Stands in until it runs here. */
  readonly sent?: SentRow | undefined;
}

/** One line of the results: a sentence, and where it leaves under the current settings. */
export interface SentenceRow extends Sentence {
  /** Undefined until it has climbed far enough to know. */
  readonly outcome: Outcome | undefined;
}

/** What rows are decided by, the same for all of them. */
export interface RowRules {
  readonly decision: Decision | undefined;
  readonly costs: CostWeights;
  /** Why the policy cannot be asked of sentences that a person wrote. */
  readonly problem: string | undefined;
  /** `Settings.decidedBy`. */
  readonly key: string;
}

/** A sentence of the results, on as many of their lines as it was written. */
export class ShownSentence {
  lines = 0;
  #latest: { readonly sentence: Sentence; readonly rules: RowRules; readonly row: SentenceRow } | undefined;

  constructor(public sentence: Sentence) {}

  /** Its row: the same object as before where nothing of it has changed, so that only new rows are drawn again. */
  rowUnder(rules: RowRules): SentenceRow {
    const { sentence } = this;
    if (this.#latest?.sentence === sentence && this.#latest.rules === rules) return this.#latest.row;
    const row = rowOf(sentence, rules);
    this.#latest = { sentence, rules, row };
    return row;
  }
}

export function inputError(message: string): ErrorData {
  return { code: 'BAD_INPUT', message, retryable: false };
}

/** It was answered that there is nothing in it to be answered. */
export function isNoSentence({ error }: Partial<Pick<Sentence, 'error'>>): boolean {
  return error?.code === 'NO_KNOWN_TOKEN';
}

/** It is known by what somebody else’s run answered, and by nothing that has run here. */
export function isSentAlone({ sent, climbed }: Pick<Sentence, 'sent' | 'climbed'>): boolean {
  return sent !== undefined && climbed.exits.length === 0;
}

function rowOf(sentence: Sentence, { decision, costs, problem, key }: RowRules): SentenceRow {
  if (problem !== undefined) {
    return { ...sentence, outcome: undefined, error: inputError(problem) };
  }
  const { sent } = sentence;
  if (sent && isSentAlone(sentence)) {
    return { ...sentence, outcome: sent.answer && sent.under === key ? sentOutcome(sent.answer, costs) : undefined };
  }
  const rowSeed = decision && rowSeedFor(decision.policy, sentence.texts);
  return { ...sentence, outcome: decision && outcomeOf(sentence.climbed, decision, costs, { rowSeed }) };
}

/** Time and bytes are not known, since they were another device's. */
function sentOutcome({ way, label, confidence }: SentAnswer, costs: CostWeights): Outcome {
  const layer = lastLayerOf(way);
  const costParts = costPartsAt(layer, way, costs);
  return {
    exit: { layer, label, confidence, logits: [], probabilities: [] },
    firstAnswer: undefined,
    tier: tierAt(way, layer),
    stretches: way,
    costParts,
    cost: sumOfParts(costParts),
    ...{ latencyMs: Number.NaN, bytesUp: Number.NaN, bytesDown: Number.NaN },
  };
}
