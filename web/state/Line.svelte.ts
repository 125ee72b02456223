import { createSubscriber } from 'svelte/reactivity';

/** What Chromium tells of the network; other browsers tell nothing. */
interface Connection extends EventTarget {
  readonly saveData?: boolean;
  readonly effectiveType?: string;
  readonly type?: string;
}

const SLOW: readonly unknown[] = ['slow-2g', '2g', '3g'];

/** The way to the network, and whether anything may be fetched over it that nobody has asked for. */
export class Line {
  readonly #subscribe = createSubscriber((changed) => {
    const sources: readonly (readonly [EventTarget | undefined, string])[] = [
      [document, 'visibilitychange'],
      [connectionOf(navigator), 'change'],
    ];
    for (const [source, event] of sources) source?.addEventListener(event, changed);
    return () => {
      for (const [source, event] of sources) source?.removeEventListener(event, changed);
    };
  });

  /** Not on a line that is slow, is paid for by the byte or is to be spared, nor for a page that nobody looks at. */
  get isFree(): boolean {
    this.#subscribe();
    const { saveData, effectiveType, type } = connectionOf(navigator) ?? {};
    const isSpared = saveData === true || type === 'cellular' || SLOW.includes(effectiveType);
    return !isSpared && document.visibilityState === 'visible';
  }
}

function connectionOf(browser: Navigator): Connection | undefined {
  return (browser as Navigator & { connection?: Connection }).connection;
}
