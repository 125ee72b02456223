import type { Words } from '../en';

export const exporting: Words['exporting'] = {
  button: 'Export',
  menu: (name) => `„${name}“ exportieren`,
  save: (name, format) => `„${name}“ als ${format} speichern`,
  notYet: 'Noch gibt es nichts zu speichern.',
  cite: 'Zitieren',
  citation: 'BibTeX',
  copied: 'BibTeX kopiert',
  toCopy: 'BibTeX, hier zu kopieren:',
  failed: (reason) => `Es konnte nichts gespeichert werden: ${reason}`,
};
