import { allAnswered, expect, moveSlider, results, test } from './testing/playground';
import { Line } from './testing/line';

/** So long that all of its 128 tokens are read. */
const long = (round: number) =>
  `Take ${round}: ${'the harbour is grey, the boats are late and nobody minds the weather, '.repeat(8)}`;

for (const [kbitPerSecond, sentences] of [
  [1000, 24],
  [256, 14],
] as const) {
  test(`at ${kbitPerSecond} kbit/s every long sentence is answered by the edge, and sent once`, async ({
    page,
    server,
  }) => {
    const concerns = (head: Buffer) => head.includes('GET /v1/tier');
    const line = await Line.before(server.port, { kbitPerSecond, concerns });
    await page.goto(`http://localhost:${line.port}/`);
    await expect(page.getByRole('status', { name: 'Edge' })).toContainText('Edge', { timeout: 30_000 });
    await moveSlider(page, 'Mobile threshold', 1);
    const text = Array.from({ length: sentences }, (_, round) => long(round)).join('\n');
    await page.getByRole('textbox', { name: 'Sentences' }).fill(text);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await allAnswered(page, sentences);
    const rows = await results(page);
    expect(rows.map(({ ranLocally }) => ranLocally)).toEqual(rows.map(() => null));
    const ideal = rows.reduce((sum, { bytesUp }) => sum + bytesUp, 0);
    expect(ideal).toBeGreaterThan(sentences * 40_000);
    expect(line.bytesUp).toBeLessThan(1.1 * ideal);
    expect((await server.done()).tensorFrames).toBe(sentences);
    line.close();
  });
}
