/** What only a sheet of paper says. */
export const print = {
  /** How far each tier goes. */
  plan: (mobile: number, edge: number, layers: number) =>
    `device to layer ${mobile}, edge to ${edge}, cloud to ${layers}`,
  rows: (task: string, source: string) => `${task}, ${source}`,
  sources: { dev: 'recorded dev split', sentences: 'own sentences', file: 'an own file' },
  network: (name: string) => `network ${name}`,
  seeAgain: 'To see this view again:',
  /** Where the address leaves sentences out, since they are too many for it. */
  withoutText: 'Its sentences are not in this address: send the link that Share makes.',
};
