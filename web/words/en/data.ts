/** The route “Your data”, and what is said of a file elsewhere. */
export const data = {
  title: 'Your data',
  /** For whoever has no file open. */
  lead: 'How far do your own sentences have to go? Run a file and see where each row is settled, what that saves and how often it is right.',
  drop: {
    title: 'Drop a table here',
    choose: 'Choose a file',
    another: 'Open another file',
    taken:
      'CSV, TSV, JSON, JSON lines or plain lines of text, with or without labels. A saved run (.dmtr) opens as it was.',
    privacy:
      'The file is read in this browser and never uploaded. Of rows that this device does not settle itself, the hidden states go to the edge; the text goes where a row is sent whole, and where this device cannot run the model.',
    kept: 'This tab keeps the rows for a reload, until you close them here.',
    examples: (count: number) => `Try it with ${count} examples`,
    examplesFile: 'examples.tsv',
    many: 'Many of them?',
    manyChoose: 'Open a CSV, TSV or JSON file',
    manyDrop: ', or drop it anywhere.',
    input: 'Your own data',
    overlay: 'Drop a table of your own, or a saved run',
    overlayNote: 'CSV, TSV, JSON or lines of text, with or without labels. A saved run ends in .dmtr.',
  },
  run: {
    running: 'Running:',
    paused: 'Paused:',
    pause: 'Pause',
    resume: 'Resume',
    cancel: 'Cancel',
    cancelHint: 'Ends the run. What is done is kept.',
    rowsDone: 'Rows done',
    soFar: (done: string, total: string) => `${done} of ${total} rows so far`,
    noneYet: 'Rows and figures appear here with the first answers.',
    allSoFar: 'Rows and figures below are of what is done so far.',
    firstOnes: (rows: string) =>
      `Below are the first ${rows} rows. The others appear when the run has ended, or when you cancel it.`,
    cutOff: 'The page was loaded anew in the middle of this run. Resume takes up the rows that are left.',
    notKept: (reason: string) => `A reload would lose these rows: the browser does not keep them. ${reason}`,
  },
  /** The line on other routes. */
  line: {
    label: 'The run of your file',
    show: 'Your data',
    done: (name: string, rows: string) => `${name} is done: ${rows}`,
    look: 'See the results',
  },
  result: {
    compare: 'Compare on these rows',
    /** What it was called before. */
    lab: 'Open in the Lab',
    saveRun: 'Save run',
    saveRunHint: 'A file to open here again, without running anything',
    saveResults: 'Save results',
    saveResultsHint: 'Prediction, layer, tier and cost of every row as TSV, by the policy as it is set',
    close: 'Close',
    rows: (rows: string) => `${rows} rows`,
    partial: (rows: string, asked: string) => `${rows} of ${asked} rows`,
    everyExit: 'every exit known',
    labelled: 'labelled',
    noLabels: 'no labels',
    layersRun: (mean: string, layers: number) => `layers run ${mean} of ${layers}`,
    costCut: (percent: string) => `cost cut ${percent} %`,
    accuracy: (percent: string) => `accuracy ${percent}`,
    otherTask: (rows: string, page: string) => `These rows are of ${rows}; the page is at ${page}.`,
    showTask: (task: string) => `Show ${task}`,
    takeOrder: 'Take them in that order',
  },
};
