/**
 * Puts a text that is still being made into the clipboard, and says whether it is there. To be called while a click is
 * handled: Safari lets nobody write later, so the promise is handed over and not awaited.
 */
export function copyWhenMade(text: Promise<string>): Promise<boolean> {
  return writePromised(text)
    .catch(async () => navigator.clipboard.writeText(await text))
    .then(
      () => true,
      () => false,
    );
}

/** Firefox has `ClipboardItem` since 127, and an address without https has no clipboard at all. */
async function writePromised(text: Promise<string>): Promise<void> {
  const blob = text.then((made) => new Blob([made], { type: 'text/plain' }));
  // Whoever made the promise hears of its failure.
  blob.catch(() => undefined);
  await navigator.clipboard.write([new ClipboardItem({ 'text/plain': blob })]);
}
