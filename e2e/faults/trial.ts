import { randomUUID } from 'node:crypto';
import { errorData } from '../../core/errors';
import { at } from '../../core/numbers/at';
import type { CountingClient } from '../../edge-server/testing/counting-client';
import { type Answer, answerOf, type Climb, isSame } from './climbs';

/** A sample, and the answer of a tier that nothing happens to. */
export interface Known {
  readonly climb: Climb;
  readonly expected: Answer;
}

/** What became of the samples that were asked for. */
export interface Tally {
  readonly asked: number;
  readonly answered: number;
  /** Those without an answer, by the error's code. */
  readonly lost: Readonly<Record<string, number>>;
  /** Results of requests that had one. */
  readonly doubled: number;
  /** Answers that are not, within the tolerance, the expected one. */
  readonly different: number;
  readonly seconds: number;
}

/** Samples asked for all at once, by clients in turn. */
export class Trial {
  answered = 0;
  #different = 0;
  readonly #doubledBefore: number;
  readonly #lost: Record<string, number> = {};
  readonly #all: Promise<number>;

  constructor(
    private readonly clients: readonly Pick<CountingClient, 'tier' | 'doubled'>[],
    private readonly samples: readonly Known[],
    private readonly deadlineMs: number,
    private readonly tolerance = 0,
  ) {
    this.#doubledBefore = clients.reduce((sum, { doubled }) => sum + doubled, 0);
    const startedAt = performance.now();
    const all = samples.map((sample, index) => this.#ask(sample, at(clients, index % clients.length)));
    this.#all = Promise.all(all).then(() => performance.now() - startedAt);
  }

  /** Resolves once so many have been answered, or all are over. */
  async reaches(answered: number): Promise<void> {
    const over = this.#all.then(() => true);
    while (this.answered < answered) {
      const isOver = await Promise.race([over, new Promise<false>((resolve) => setTimeout(() => resolve(false), 1))]);
      if (isOver) return;
    }
  }

  async tally(): Promise<Tally> {
    const ms = await this.#all;
    return {
      asked: this.samples.length,
      answered: this.answered,
      lost: this.#lost,
      doubled: this.clients.reduce((sum, { doubled }) => sum + doubled, 0) - this.#doubledBefore,
      different: this.#different,
      seconds: ms / 1000,
    };
  }

  async #ask({ climb, expected }: Known, { tier }: Pick<CountingClient, 'tier'>): Promise<void> {
    try {
      const result = await tier.infer(
        { ...climb, sampleKey: randomUUID(), deadlineMs: this.deadlineMs },
        new AbortController().signal,
      );
      this.answered++;
      if (!isSame(answerOf(result), expected, this.tolerance)) this.#different++;
    } catch (error) {
      const { code } = errorData(error);
      this.#lost[code] = (this.#lost[code] ?? 0) + 1;
    }
  }
}

/** Of several trials one after the other. */
export function together(tallies: readonly Tally[]): Tally {
  const sum = (of: 'asked' | 'answered' | 'doubled' | 'different' | 'seconds') =>
    tallies.reduce((total, tally) => total + tally[of], 0);
  const lost: Record<string, number> = {};
  for (const [code, count] of tallies.flatMap((tally) => Object.entries(tally.lost))) {
    lost[code] = (lost[code] ?? 0) + count;
  }
  return {
    ...{ asked: sum('asked'), answered: sum('answered'), doubled: sum('doubled'), different: sum('different') },
    ...{ lost, seconds: sum('seconds') },
  };
}

/** What is wrong with a tally, in words; nothing where every sample was answered, once and rightly. */
export function faultsOf({ asked, answered, doubled, different, lost }: Tally): string[] {
  const faults: string[] = [];
  if (answered < asked) faults.push(`${asked - answered} lost: ${JSON.stringify(lost)}`);
  if (doubled > 0) faults.push(`${doubled} doubled`);
  if (different > 0) faults.push(`${different} differ from the reference`);
  return faults;
}
