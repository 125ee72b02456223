import type { CostWeights } from '../../core/cost';
import type { ErrorData } from '../../core/errors';
import type { Exit } from '../../core/exits';
import type { Decision } from '../../core/policies/decision';
import type { Texts } from '../../core/model/tokens';
import { type Climbed, outcomeOf, type Outcome } from '../../core/ladder/outcome';
import { rowSeedFor } from '../../core/policies/needs';

/** A sentence and all that is known of it, whatever the settings. */
export interface Sentence {
  readonly sampleKey: string;
  readonly task: string;
  readonly texts: Texts;
  readonly climbed: Climbed;
  /** The mobile tier's answer, while a farther tier is asked to refine it. */
  readonly provisional: Exit | undefined;
  readonly error: ErrorData | undefined;
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

function rowOf(sentence: Sentence, { decision, costs, problem }: RowRules): SentenceRow {
  if (problem !== undefined) {
    return { ...sentence, outcome: undefined, error: inputError(problem) };
  }
  const rowSeed = decision && rowSeedFor(decision.policy, sentence.texts);
  return { ...sentence, outcome: decision && outcomeOf(sentence.climbed, decision, costs, { rowSeed }) };
}
