/** What the bench of a first visit waits for, and whoever measures the page. */
export const FIRST_CHART = 'first-chart';

let isMarked = false;

/** To be called once the hero shows something: notes when that was first on the screen. */
export function markFirstChart(): void {
  if (isMarked) return;
  isMarked = true;
  // What a frame draws is there when the next one begins.
  requestAnimationFrame(() => requestAnimationFrame(() => performance.mark(FIRST_CHART)));
}
