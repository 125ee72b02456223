import { describe, expect, it } from 'vitest';
import { taskOf } from '../model/manifest';
import { NOTHING_FITTED } from '../policies/fitted';
import { fakeManifest } from '../testing/fake-manifest';
import { settlingTrace } from '../testing/settling-trace';
import { encodeTrace } from '../trace/trace-file';
import { cardSvg, cardWords } from './card';
import { readLink } from './link';
import { ViewReplay } from './replayed-view';

const dev = { path: 'sst2.dev.bin', bytes: 1, sha256: '0'.repeat(64) };

/** Four rows that settle at layers 1, 1, 3 and 6; the task asks what a test wants it to. */
function replayOf(question = 'Good or bad?') {
  const manifest = fakeManifest();
  const task = { ...taskOf(manifest, 'sst2'), question, traces: { dev } };
  const traced = { ...manifest, tasks: { ...manifest.tasks, sst2: task } };
  const read = async () => encodeTrace(settlingTrace('sst2', 2, [1, 1, 3, 6]));
  return new ViewReplay(traced, { fittedFor: async () => NOTHING_FITTED }, read);
}

async function cardOf(hash: string, replay = replayOf()) {
  const view = await replay.of(await readLink(hash, fakeManifest()));
  if (!view) throw new Error('This view was recorded.');
  return { svg: cardSvg(view), words: cardWords(view), view };
}

const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, words]) => words);

describe('the picture of a link', () => {
  it('says what its settings do to the recorded rows', async () => {
    const { svg, words, view } = await cardOf('#v=2&task=sst2&policy=patience&patience=3');
    const { summary, quality } = view.evaluation;
    expect(summary.rows).toBe(4);
    expect(words).toContain(`${summary.costCutPercent.toFixed(1)} % of compute saved`);
    expect(words).toContain(`${(100 * quality.accuracy).toFixed(1)} % accuracy`);
    expect(texts(svg)).toEqual(
      expect.arrayContaining([
        'Good or bad?',
        '75 %',
        '25 %',
        'This device',
        'Edge',
        'Cloud',
        summary.meanLayers.toFixed(1),
      ]),
    );
  });

  it('follows thresholds, plan and policy of the link', async () => {
    const [one, other] = [await cardOf('#v=2&task=sst2&m=1&n=1'), await cardOf('#v=2&task=sst2&mobileThreshold=0')];
    expect(texts(one.svg)).not.toContain('Edge');
    expect(texts(other.svg)).toContain('100 %');
    expect(texts(one.svg).at(-1)).toContain('device to layer 1, edge to 1, cloud to 12');
  });

  it('is well-formed and short whatever the task asks', async () => {
    const { svg } = await cardOf('#v=2&task=sst2', replayOf(`Is a < b & "c"? ${'Really? '.repeat(20)}`));
    expect(svg).toContain('Is a &lt; b &amp; &quot;c&quot;?');
    expect(
      texts(svg)
        .find((words) => words?.startsWith('Is a'))
        ?.endsWith('…'),
    ).toBe(true);
    expect(svg).not.toMatch(/NaN|undefined/);
  });

  it('is none where nothing was recorded', async () => {
    expect(await replayOf().of(await readLink('#v=2&task=mnli', fakeManifest()))).toBeUndefined();
  });
});
