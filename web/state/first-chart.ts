/** What the bench of a first visit waits for, and whoever measures the page. */
export const FIRST_CHART = 'first-chart';
/** Whatever waits for the first picture waits no longer than this: other routes have none. */
const LONGEST_MS = 1500;

/** The HTML has the page's first picture in it (`scripts/first-picture.js`), and it is on the screen. */
export function isShownAlready(): boolean {
  return document.documentElement.classList.contains('shows-as-opened');
}

let isMarked = false;
let tell: () => void = () => undefined;

/** Comes when the hero has first shown something, and soon in any case: what is not needed for it may begin now. */
export const afterFirstChart = new Promise<void>((resolve) => {
  tell = resolve;
  setTimeout(resolve, LONGEST_MS);
});

/** To be called once the hero shows something: notes when that was first on the screen. */
export function markFirstChart(): void {
  if (isMarked) return;
  isMarked = true;
  // What a frame draws is there when the next one begins.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (!isShownAlready()) performance.mark(FIRST_CHART);
      // Safari has no idle callbacks.
      if ('requestIdleCallback' in window) requestIdleCallback(tell, { timeout: LONGEST_MS });
      else tell();
    }),
  );
}
