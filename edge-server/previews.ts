import { messageOf } from '../core/errors';
import type { Log } from '../core/log';
import { cardSvg, cardWords } from '../core/view/card';
import type { LinkContent } from '../core/view/link';
import type { ReplayedView, ViewReplay } from '../core/view/replayed-view';

/** Views whose words and pictures are kept; a picture has some 80 kB. */
const MOST_KEPT = 200;
/** Pictures that may wait to be drawn. */
const MOST_WAITING = 8;

export interface PreviewParts {
  /** Undefined where the server cannot replay views. */
  readonly replay: Pick<ViewReplay, 'of'> | undefined;
  readonly rasterise: (svg: string) => Promise<Uint8Array>;
  readonly log: Log;
}

/** What is shown of a link where it is only named: a sentence and a picture, each made once and one at a time. */
export class Previews {
  readonly #views = new Kept<ReplayedView | undefined>();
  readonly #pictures = new Kept<Uint8Array | undefined>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(private readonly parts: PreviewParts) {}

  /** Undefined where nothing was recorded for the view. */
  async wordsOf(id: string, link: LinkContent): Promise<string | undefined> {
    const view = await this.#viewOf(id, link);
    return view && cardWords(view);
  }

  /** PNG; undefined where it cannot be drawn here, or too many wait for theirs. */
  async pictureOf(id: string, link: LinkContent): Promise<Uint8Array | undefined> {
    if (this.hasPicture(id)) return this.#pictures.get(id, () => Promise.resolve(undefined));
    if (this.#waiting >= MOST_WAITING) return undefined;
    return this.#pictures.get(id, () => this.#inTurn(() => this.#draw(id, link)));
  }

  /** It costs nothing to ask for it again. */
  hasPicture(id: string): boolean {
    return this.#pictures.has(id);
  }

  async #draw(id: string, link: LinkContent): Promise<Uint8Array | undefined> {
    const view = await this.#viewOf(id, link);
    if (!view) return undefined;
    return this.parts.rasterise(cardSvg(view)).catch((error: unknown) => {
      this.parts.log('warn', `a picture of a link cannot be drawn, and the page's own stands in: ${messageOf(error)}`);
      return undefined;
    });
  }

  #viewOf(id: string, link: LinkContent): Promise<ReplayedView | undefined> {
    const { replay, log } = this.parts;
    return this.#views.get(id, async () =>
      replay?.of(link).catch((error: unknown) => {
        log('debug', `a link cannot be replayed: ${messageOf(error)}`);
        return undefined;
      }),
    );
  }

  async #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#waiting++;
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => undefined);
    return turn.finally(() => this.#waiting--);
  }
}

/** Values by id, those asked for longest ago forgotten first. */
class Kept<Value> {
  readonly #values = new Map<string, Promise<Value>>();

  has(id: string): boolean {
    return this.#values.has(id);
  }

  get(id: string, make: () => Promise<Value>): Promise<Value> {
    const value = this.#values.get(id) ?? make();
    this.#values.delete(id);
    this.#values.set(id, value);
    const [oldest] = this.#values.keys();
    if (this.#values.size > MOST_KEPT && oldest !== undefined) this.#values.delete(oldest);
    return value;
  }
}
