/** What stands around every route. */
export const shell = {
  brand: 'DIMEE Playground',
  skip: 'Skip to the content',
  pages: 'Pages',
  routes: { play: 'Play', compare: 'Compare', data: 'Your data', learn: 'Learn' },
  /** Of the window and of the history. */
  titles: {
    play: 'Most sentences don’t need the whole network',
    compare: 'Compare',
    data: 'Your data',
    learn: 'Learn',
  },
  opening: (route: string) => `Opening ${route} …`,
  notOpened: (route: string) => `${route} could not be loaded: the network or the server may be away.`,
  tryAgain: 'Try again',
  paper: 'Paper',
  paperTitle: 'DIMEE: Distributed Inference on Mobile, Edge, and cloud with Early exits (arXiv 2410.05338)',
  update: { said: 'A newer version of this page is ready. What you have written stays.', reload: 'Reload' },
  undo: 'Undo',
  redo: 'Redo',
  reset: 'Reset',
  status: {
    details: 'details',
    panel: 'What runs where',
    here: 'Runs in your browser',
    notHere: 'Does not run in your browser',
    loading: (loaded: string, total: string) => `Loading the model: ${loaded} of ${total}`,
    edge: (roundTrip: string) => `edge ${roundTrip}`,
    noEdge: 'no edge',
    allLayers: 'all layers are here',
    offline: {
      name: 'Without a network',
      works: 'Works offline: reload, tasks, Compare and your own files, too.',
      worksNot: 'Needs the network to be opened.',
      preparing: 'Being made to work offline …',
      failed:
        'Could not be made to work offline: the browser keeps nothing here, its disk is full, or the server is away.',
      prepare: (size: string) => `Make it work offline (${size})`,
    },
  },
};
