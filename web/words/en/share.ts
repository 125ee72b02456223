/** How a view is passed on, and what is said of one that came. */
export const share = {
  button: 'Share',
  menu: 'Pass this view on',
  withResults: 'With results',
  runFirst: 'Run your sentences to send results along.',
  runAgain: 'The sentences were changed after the run: run them again to send results along.',
  whatGoesAlong: (answered: string, lines: string) =>
    `Layer, label and confidence of ${answered} of ${lines} lines, seen before anything is computed.`,
  lengths: (whole: string, without: string) => `The link has ${whole} with them, ${without} without.`,
  characters: (count: string) => `${count} characters`,
  tooLong: 'too long',
  copyLink: 'Copy link',
  inLink: 'All settings and sentences stand in the link. No server sees them.',
  inLinkWithResults: 'All settings, sentences and results stand in the link. No server sees them.',
  shortLink: 'Short link',
  kept: (what: string, isForNow: boolean) =>
    `This server then keeps ${what}${isForNow ? ' until it is started again' : ''}, for anybody who has the link.`,
  keptThings: { plain: 'settings and sentences', withResults: 'settings, sentences and results' },
  noShortLinks: 'No short links: there is no server at this address that keeps them.',
  askingForShortLinks: 'Asking whether this server keeps short links …',
  embedCode: 'Embed code',
  inEmbed: 'A frame with this view, for a page of your own.',
  made: { link: 'Link', short: 'Short link', embed: 'Embed code' },
  copied: (name: string) => `${name} copied`,
  toCopy: (name: string) => `${name}, to be copied from here: the browser does not let the page do it.`,
  long: (length: string, most: string, hasShortLinks: boolean) =>
    `This link has ${length} characters: many programs cut it after ${most}. ${hasShortLinks ? 'Use a short link' : 'Share fewer sentences'}, or send the results as a file: Export, at the table.`,
  sent: {
    title: 'The sender’s results.',
    note: 'They were sent with the link; press Run to compute them here.',
    moved: 'They are of other settings than those set now: only a run here says what these give.',
    status: 'sent with the link',
    needsRun: 'needs a run here: it was sent for other settings',
    noAnswer: 'sent without an answer: needs a run here',
    noExits: 'Sent with the link. Press Run to see here how sure every exit is.',
  },
};
