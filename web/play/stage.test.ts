import { expect, it } from 'vitest';
import { stageOf } from './stage';

const view = { rows: 7 };
const at = (source: string, count: number, hasDevSplit = true) =>
  stageOf({
    settings: { fields: { source } },
    sentences: { count },
    picture: { view },
    devSplit: { result: hasDevSplit ? devSplit : undefined },
  } as unknown as Parameters<typeof stageOf>[0]);
const devSplit = {
  summary: { rows: 4, exitsByLayer: [4, 0] },
  exitLayers: new Uint8Array([1, 1, 1, 1]),
  tiers: new Uint8Array(4),
};

it('lets one sentence ride before the recorded rows, and shows more by themselves', () => {
  expect(at('sentences', 1)).toMatchObject({ rides: true, view: { rows: 4 } });
  expect(at('sentences', 2)).toEqual({ rides: false, view });
  expect(at('sentences', 0)).toEqual({ rides: false, view });
});

it('lets none ride where the recorded rows are what is looked at, or are missing', () => {
  expect(at('dev', 1)).toEqual({ rides: false, view });
  expect(at('sentences', 1, false)).toEqual({ rides: false, view });
});
