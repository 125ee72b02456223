import { expect, open, openCompare, runSentences, test } from './testing/playground';

const OPENINGS = [
  'We went to see it on a rainy evening',
  'My brother had lent me the disc',
  'It was shown late at night',
];
const MIDDLES = [
  'and the hall was half empty while the trailers ran for a quarter of an hour before anything happened at all',
  'and I had read the book years ago on a train so that I knew more or less who would end up where',
  'and the first half takes its time with the village and the weather and the quarrels of two families over a field',
];
const ENDS = [
  'in the end there are scenes that stay with me and others that I would rather have slept through, so ask me again in a year',
  'some of it works, some of it does not, the music is by the same man as last time, and then we drove home in silence',
];

/** Long reviews of our own, that never say in a sentence what they think. */
const REVIEWS = Array.from({ length: 40 }, (_, row) =>
  [
    OPENINGS[row % 3],
    MIDDLES[row % 3],
    `which was chapter ${row + 1} of a longer story`,
    MIDDLES[(row + 1) % 3],
    ENDS[row % 2],
  ].join(', '),
).join('\n');

test('Compare says of dev rows that they are like those of the calibration, and warns of mistyped ones and of long reviews', async ({
  page,
  server,
}) => {
  await openCompare(page, server, '&panel=confidence');
  const panel = page.getByRole('region', { name: 'Shift of the rows' });
  await expect(panel.getByRole('status')).toContainText('Yes, as far as can be seen');
  const rows = panel.getByRole('table').getByRole('row');
  await expect(rows.nth(1)).toContainText('alike');
  await expect(rows.filter({ hasText: 'mistyped' })).toContainText('shifted');

  await open(page, server);
  await page.getByRole('link', { name: 'Your data' }).click();
  const choosing = page.waitForEvent('filechooser');
  await page
    .getByRole('button', { name: /choose/i })
    .first()
    .click();
  await (await choosing).setFiles({ name: 'reviews.txt', mimeType: 'text/plain', buffer: Buffer.from(REVIEWS) });
  await page.getByRole('button', { name: 'Run 40 rows' }).click();
  const own = page.getByRole('status', { name: 'Own rows' });
  await expect(own).toHaveText(/40 rows · SST-2 · every exit known/, { timeout: 120_000 });
  await expect(page.getByRole('status', { name: 'Shift of the rows' })).toContainText('Judged by 40 of your own rows.');
  await page.getByRole('button', { name: 'Open in the Lab' }).click();
  await page.getByRole('link', { name: /^Confidence/ }).click();
  await expect(panel.getByRole('status')).toContainText('No. Confidences or exits are spread otherwise');
});

test('Play warns of sentences that are shifted, says by how many it judges, and says nothing of fewer than thirty', async ({
  page,
  server,
}) => {
  await open(page, server);
  const note = page.getByRole('status', { name: 'Shift of the rows' });
  await runSentences(page, 'SST-2', REVIEWS.split('\n'), 120_000);
  await expect(note).toContainText('No. Confidences or exits are spread otherwise');
  await expect(note).toContainText('Judged by 40 of your own rows.');
  await runSentences(page, 'SST-2', REVIEWS.split('\n').slice(0, 29), 120_000);
  await expect(note).toHaveCount(0);
});
