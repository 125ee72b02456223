import { afterAll, afterEach, expect, test } from 'vitest';
import { isSame } from './climbs';
import { slow } from './scenarios/bad-lines';
import { edgeKilled } from './scenarios/servers-end';
import { Stage } from './stage';
import { faultsOf, Trial } from './trial';

/* Two of `npm run faults`, with a small model whose samples are computed alone, since its matrices are too small to be
   multiplied alike in company. */

const stage = await Stage.open('core/testing/models/tiny-topics', 200, ['--batch-tokens', '1', '--workers', '1']);
afterEach(() => stage.clear());
afterAll(() => stage.clear());

test.each([edgeKilled, slow].map((scenario) => [scenario.about, scenario] as const))(
  'nothing is lost, doubled or different when %s',
  { timeout: 60_000 },
  async (_about, scenario) => {
    const { figures, faults } = await scenario.play(stage);
    expect(faults).toEqual([]);
    expect(figures.answered).toBe(figures.asked);
  },
);

test('answers are the same ones to the last bit, or within a tolerance with the same exit', () => {
  const known = [[9, 0.5, -0.5] as const, [10, 2, 1] as const];
  expect(isSame(known, [[9, 0.5, -0.5] as const, [10, 2, 1] as const], 0)).toBe(true);
  const near = [[9, 0.5, -0.5] as const, [10, 2.001, 1] as const];
  expect(isSame(known, near, 0)).toBe(false);
  expect(isSame(known, near, 2e-3)).toBe(true);
  expect(isSame(known, [[9, 0.5, -0.5] as const, [10, 2.003, 1] as const], 2e-3)).toBe(false);
  expect(isSame(known, known.slice(0, 1), 2e-3)).toBe(false);
  expect(isSame(known, [[9, 0.5, -0.5] as const, [11, 2, 1] as const], 2e-3)).toBe(false);
  expect(isSame(known, [[9, 0.5, -0.5] as const, [10, 2, Number.NaN] as const], 2e-3)).toBe(false);
});

test('a sample that is lost, doubled or answered otherwise is told of', async () => {
  const [known] = stage.sampled(1);
  if (!known) throw new Error('There is no sample.');
  const gone = () => Promise.reject(new Error('gone'));
  const unreachable = { tier: { infer: gone, close: () => undefined }, doubled: 0 };
  const trial = new Trial([unreachable], [known], 1000);
  unreachable.doubled++;
  const lost = await trial.tally();
  expect(faultsOf(lost)).toEqual(['1 lost: {"INTERNAL":1}', '1 doubled']);
  const edge = await stage.start();
  const tally = await stage.askOf(stage.client(edge.url), [{ ...known, expected: [] }, known]).tally();
  expect(faultsOf(tally)).toEqual(['1 differ from the reference']);
});
