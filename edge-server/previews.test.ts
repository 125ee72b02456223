import { describe, expect, test } from 'vitest';
import { gate } from '../core/testing/gate';
import { fakeManifest } from '../core/testing/fake-manifest';
import { settlingTrace } from '../core/testing/settling-trace';
import { NOTHING_FITTED } from '../core/policies/fitted';
import { encodeTrace } from '../core/trace/trace-file';
import { readLink } from '../core/view/link';
import { ViewReplay } from '../core/view/replayed-view';
import { Previews } from './previews';

const manifest = fakeManifest();
const sst2 = manifest.tasks['sst2'];
if (!sst2) throw new Error('The fake model has this task.');
const traced = {
  ...manifest,
  tasks: { sst2: { ...sst2, traces: { dev: { path: 'dev.bin', bytes: 1, sha256: '0'.repeat(64) } } } },
};
const replay = new ViewReplay(traced, { fittedFor: async () => NOTHING_FITTED }, async () =>
  encodeTrace(settlingTrace('sst2', 2, [1, 3])),
);
const link = await readLink('#v=2&task=sst2', traced);

/** Previews whose rasteriser answers as `rasterise` does, and what it was asked. */
function previewsWith(rasterise: () => Promise<Uint8Array>) {
  const drawn: string[] = [];
  const said: string[] = [];
  const previews = new Previews({
    replay,
    rasterise: (svg) => {
      drawn.push(svg);
      return rasterise();
    },
    log: (_level, line) => said.push(line),
  });
  return { previews, drawn, said };
}

const PNG = Uint8Array.of(1, 2, 3);

describe('previews of links', () => {
  test('draw each once, one at a time, and refuse more than may wait', async () => {
    const { opened, open } = gate();
    const { previews, drawn } = previewsWith(() => opened.then(() => PNG));
    const asked = Array.from({ length: 10 }, (_, id) => previews.pictureOf(`${id}`, link));
    const again = previews.pictureOf('0', link);
    expect(await Promise.all(asked.slice(8))).toEqual([undefined, undefined]);
    expect(drawn.length).toBeLessThanOrEqual(1);
    open();
    expect(await Promise.all([...asked.slice(0, 8), again])).toEqual(new Array(9).fill(PNG));
    expect(drawn.length).toBe(8);
    expect(await previews.pictureOf('9', link)).toBe(PNG);
  });

  test('keep some hundreds, and draw the oldest again', async () => {
    const { previews, drawn } = previewsWith(async () => PNG);
    for (let id = 0; id < 201; id++) await previews.pictureOf(`${id}`, link);
    expect([previews.hasPicture('0'), previews.hasPicture('200')]).toEqual([false, true]);
    await previews.pictureOf('0', link);
    expect(drawn.length).toBe(202);
  });

  test('are none on a machine that cannot draw, which is said once a picture', async () => {
    const { previews, said } = previewsWith(() => Promise.reject(new Error('Cannot find native binding')));
    expect(await previews.pictureOf('a', link)).toBeUndefined();
    expect(await previews.pictureOf('a', link)).toBeUndefined();
    expect(said).toEqual([expect.stringMatching(/the page's own stands in: Cannot find native binding/)]);
    expect(await previews.wordsOf('a', link)).toContain('compute saved');
  });

  test('are none where the view cannot be replayed', async () => {
    const failing = { of: () => Promise.reject(new Error('No such file.')) };
    const previews = new Previews({ replay: failing, rasterise: async () => PNG, log: () => undefined });
    expect([await previews.wordsOf('a', link), await previews.pictureOf('a', link)]).toEqual([undefined, undefined]);
  });
});
