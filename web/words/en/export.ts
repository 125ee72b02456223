/** How what a card shows is saved. */
export const exporting = {
  button: 'Export',
  menu: (name: string) => `Export “${name}”`,
  save: (name: string, format: string) => `Save “${name}” as ${format}`,
  notYet: 'There is nothing to save yet.',
  cite: 'Cite',
  citation: 'BibTeX',
  copied: 'BibTeX copied',
  toCopy: 'BibTeX, to be copied from here:',
  failed: (reason: string) => `Nothing could be saved: ${reason}`,
};
