import type { Backend } from './page-messages';

/** What the page asks of its service worker; each is answered, by `OfflineAnswers`. */
export type OfflineMessage =
  /** Keep what the page needs without a network, besides its own files: the runtime of a backend, and the manifest. */
  | { readonly type: 'keep'; readonly backend: Backend; readonly manifestUrl: string }
  /** The same, of what is kept already: nothing is fetched. */
  | { readonly type: 'isKept'; readonly backend: Backend; readonly manifestUrl: string }
  /** Whether that script is of the version that the service worker keeps. */
  | { readonly type: 'isOfVersion'; readonly scriptUrl: string };

/** The answer to each of them: whether it is so now. */
export type OfflineAnswer = boolean;
