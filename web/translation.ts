/**
 * Browsers translate a page by putting `<font>` elements in the place of its texts. Svelte goes on writing into the texts,
 * which nobody sees any more, and leaves the elements where rows go. So each text is put back beside its translation, empty:
 * what is written into it takes the translation's place, to be translated anew, and what removes it removes both.
 */
export function surviveTranslation(root: Node): () => void {
  const translations = new Map<Text, Element>();
  const observer = new MutationObserver((records) => {
    records.forEach(take);
    // What was changed here is no news.
    observer.takeRecords();
  });

  function take({ type, target, removedNodes, addedNodes, previousSibling, nextSibling }: MutationRecord): void {
    if (type === 'characterData') return drop(target);
    for (const removed of removedNodes) {
      const translation = [...addedNodes, previousSibling, nextSibling].find(isTranslation);
      if (translation && removed instanceof Text && !translations.has(removed) && !removed.isConnected) {
        putBack(removed, translation);
      } else if (!removed.isConnected) {
        drop(removed);
      }
    }
  }

  function putBack(text: Text, translation: Element): void {
    translations.set(text, translation);
    text.data = '';
    translation.after(text);
  }

  /** Of a text that says something else now, or is gone with all that stood in it. */
  function drop(node: Node): void {
    for (const [text, translation] of translations) {
      if (node !== text && !node.contains(text)) continue;
      translations.delete(text);
      translation.remove();
    }
  }

  observer.observe(root, { childList: true, subtree: true, characterData: true });
  return () => observer.disconnect();
}

function isTranslation(node: Node | null): node is Element {
  return node instanceof Element && node.tagName === 'FONT';
}
