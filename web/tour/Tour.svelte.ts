import type { tour } from '../words/en/tour';

export type StepId = keyof typeof tour.steps;

/** In the order of the tour. What a step is about carries the step's name as `data-tour`. */
export const STEPS: readonly StepId[] = ['input', 'hero', 'threshold', 'bar', 'results'];

const KEY = 'dimee.tour';

/** A look around the first page: offered once, taken again at wish. */
export class Tour {
  #isOn = $state(false);
  #isOffered = $state(false);

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Whether a person may be asked: never in a frame, nor who came by a link, nor who was asked before. */
  get isOffered(): boolean {
    return this.#isOffered && !this.#isOn;
  }

  /** `hash` is the address's when the page is opened: who follows a link wants what it shows. */
  offer({ isEmbed, hash }: { readonly isEmbed: boolean; readonly hash: string }): void {
    this.#isOffered = !isEmbed && hash.length <= 1 && !wasSeen();
  }

  start(): void {
    this.#isOn = true;
    this.forget();
  }

  end(): void {
    this.#isOn = false;
  }

  /** Not to be offered again, in this browser. */
  forget(): void {
    this.#isOffered = false;
    try {
      localStorage.setItem(KEY, 'seen');
    } catch {
      return;
    }
  }
}

/** A browser that keeps nothing would offer it for ever, so it does not. */
function wasSeen(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return true;
  }
}

/** What a step is about, if it is on the page and can be seen. */
export function anchorOf(step: StepId): HTMLElement | undefined {
  const found = document.querySelector<HTMLElement>(`[data-tour="${step}"]`);
  return found && found.getClientRects().length > 0 ? found : undefined;
}
