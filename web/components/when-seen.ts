import type { Attachment } from 'svelte/attachments';

/** How far below the window counts as near. */
const MARGIN = '300px';

/** Calls once when the element comes near the window; at once where that cannot be observed. */
export function whenSeen(seen: () => void): Attachment {
  return (element) => {
    if (typeof IntersectionObserver === 'undefined') return seen();
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        seen();
      },
      { rootMargin: MARGIN },
    );
    observer.observe(element);
    return () => observer.disconnect();
  };
}
