/** Hands a file to the person. */
export function download(name: string, data: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(data);
  link.download = name;
  link.click();
  // Some browsers read the address only after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** The name of a file, of words: lower case, with hyphens. `fileName(['Cost savings', 'cola'], 'png')` is `dimee-cost-savings-cola.png`. */
export function fileName(words: readonly string[], extension: string): string {
  const slug = (text: string) => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-');
  return `${['dimee', ...words.map(slug)].join('-').replaceAll(/-{2,}/g, '-').replace(/-$/, '')}.${extension}`;
}
