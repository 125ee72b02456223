/** Keeps the window's title, which the history shows, in step; to be called where a component is set up. */
export function useDocumentTitle(title: () => string): void {
  $effect(() => {
    document.title = title();
  });
}
