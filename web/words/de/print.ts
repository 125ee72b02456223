import type { Words } from '../en';

export const print: Words['print'] = {
  plan: (mobile, edge, layers) => `Gerät bis Schicht ${mobile}, Edge bis ${edge}, Cloud bis ${layers}`,
  rows: (task, source) => `${task}, ${source}`,
  sources: { dev: 'aufgezeichneter Dev-Split', sentences: 'eigene Sätze', file: 'eine eigene Datei' },
  network: (name) => `Netz ${name}`,
  seeAgain: 'Diese Ansicht ist wieder zu sehen unter:',
  withoutText: 'Ihre Sätze stehen nicht in dieser Adresse: Schicken Sie den Link, den „Teilen“ macht.',
};
