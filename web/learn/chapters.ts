/** Marks the heading of a chapter, in the order in which they stand. */
export const CHAPTER_HEADING = 'data-chapter';

/** Brings a chapter to the top of the screen, and the keyboard to its heading. */
export function goToChapter(index: number): void {
  const heading = document.querySelectorAll<HTMLElement>(`[${CHAPTER_HEADING}]`)[index];
  heading?.scrollIntoView({ block: 'start' });
  heading?.focus({ preventScroll: true });
}
