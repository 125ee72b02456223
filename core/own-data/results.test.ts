import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../cost';
import type { Exit } from '../exits';
import { exitsWith } from '../testing/exits';
import { ExitRecorder, summariseExits } from './exit-record';
import { taskOf, type Task } from '../model/manifest';
import { fakeManifest } from '../testing/fake-manifest';
import { randomInt, seededRandom } from '../testing/random';
import { readTable } from './layout';
import type { OwnRows } from './own-rows';
import { resultsTsv } from './result-tsv';
import { NOTHING_SAID, understand } from './understanding';

const [unsure, sure] = exitsWith([0.6, 0.4], [0.1, 0.9]) as [Exit, Exit];

function recorded() {
  const recorder = new ExitRecorder(4);
  const parts = { mobile: 0.3, edge: 0, cloud: 0, offloading: 0 };
  recorder.add(3, { exit: sure, tier: 'edge', cost: 8.1, costParts: { ...parts, edge: 4.5, offloading: 3.3 } });
  recorder.add(0, { exit: unsure, tier: 'mobile', cost: 0.1 + 0.2, costParts: parts });
  recorder.add(0, { exit: sure, tier: 'cloud', cost: 99, costParts: { ...parts, cloud: 99 } });
  return recorder;
}

describe('exits that are recorded', () => {
  test('stand in the order of their rows, as they first came', () => {
    expect(recorded().count).toBe(2);
    expect(recorded().rows()).toEqual(Uint32Array.of(0, 3));
    expect(recorded().columns()).toEqual({
      exitLayers: Uint8Array.of(1, 2),
      labels: Uint8Array.of(0, 1),
      tiers: Uint8Array.of(0, 1),
      confidences: Float64Array.of(unsure.confidence, sure.confidence),
      costs: Float64Array.of(0.1 + 0.2, 8.1),
      costParts: { mobile: 0.3, edge: 2.25, cloud: 0, offloading: 1.65 },
    });
  });

  test('are summed up, with accuracy where there are labels', () => {
    const columns = recorded().columns();
    const { summary, accuracy } = summariseExits(columns, Uint8Array.of(1, 1), 12, DEFAULT_COSTS);
    expect(summary).toMatchObject({ rows: 2, meanLayers: 1.5, exitsByTier: { mobile: 1, edge: 1, cloud: 0 } });
    expect(accuracy).toBe(0.5);
    expect(summariseExits(columns, undefined, 12, DEFAULT_COSTS).accuracy).toBeUndefined();
  });
});

describe('results as TSV', () => {
  const labels = ['negative', 'positive'];

  test('name the line, the texts, the label and where each row left', () => {
    const source = { texts: [['bad'], ['good']] as const, lines: Uint32Array.of(2, 5), gold: Uint8Array.of(0, 0) };
    expect(resultsTsv(recorded().columns(), { labels, source })).toEqual([
      'row\tsentence\tlabel\tprediction\texit_layer\ttier\tcost\n',
      '2\tbad\tnegative\tnegative\t1\tmobile\t0.3\n',
      '5\tgood\tnegative\tpositive\t2\tedge\t8.1\n',
    ]);
  });

  test('say how much of each row was read, and name those that are no sentences', () => {
    const source = { texts: [['bad'], ['good']] as const, lines: Uint32Array.of(2, 5), gold: Uint8Array.of(0, 0) };
    const noSentences = { texts: [['\u200b']] as const, lines: Uint32Array.of(3), gold: Uint8Array.of(1) };
    const readings = {
      tokens: Uint32Array.of(0, 412),
      read: Uint32Array.of(0, 128),
      unknown: Uint32Array.of(0, 7),
    };
    expect(resultsTsv(recorded().columns(), { labels, source, readings, noSentences })).toEqual([
      'row\tsentence\tlabel\tprediction\texit_layer\ttier\tcost\ttokens\ttokens_read\ttokens_unknown\n',
      '2\tbad\tnegative\tnegative\t1\tmobile\t0.3\t\t\t\n',
      '5\tgood\tnegative\tpositive\t2\tedge\t8.1\t412\t128\t7\n',
      '3\t\u200b\tpositive\t(no known token)\n',
    ]);
  });

  test('of pairs without labels', () => {
    const texts = [['a', 'b'] as const, ['c', 'd'] as const];
    const source = { texts, lines: Uint32Array.of(1, 2), gold: undefined };
    const lines = resultsTsv(recorded().columns(), { labels, source });
    expect(lines.slice(0, 2)).toEqual([
      'row\tsentence1\tsentence2\tprediction\texit_layer\ttier\tcost\n',
      '1\ta\tb\tnegative\t1\tmobile\t0.3\n',
    ]);
  });

  test('of a loaded trace, which keeps no texts', () => {
    expect(resultsTsv(recorded().columns(), { labels, gold: Uint8Array.of(1, 1) })[2]).toBe(
      '2\tpositive\tpositive\t2\tedge\t8.1\n',
    );
  });
});

describe('a table of results', () => {
  const labels = ['negative', 'positive'];
  const PIECES = [
    ...[
      '=',
      '+',
      '-',
      '@',
      "'",
      '"',
      '""',
      "'=",
      '＝',
      ',',
      ';',
      '|',
      ' ',
      'a',
      '1',
      '-1.5',
      'é',
      '🙂',
      '\u200F',
      '\uFEFF',
    ],
    ...['\t', '\n', '\r\n', '\\', '=HYPERLINK("x","y")', "'-", '\u2028', '%', '__label__1', '{"a":1}', 'sep=;'],
  ];
  const task = taskOf(fakeManifest(), 'sst2');
  const pairTask = taskOf(fakeManifest(), 'mnli');

  /** Texts as they come from a file that was read. */
  async function rowsOf(texts: readonly (readonly string[])[], of: Task): Promise<OwnRows> {
    const lines = texts.map((fields) => JSON.stringify({ sentence1: fields[0], sentence2: fields[1] }));
    return openedAgain(lines.join('\n'), of);
  }

  async function openedAgain(text: string, of: Task): Promise<OwnRows> {
    const { fitted } = understand(await readTable(text, of, {}, () => Promise.resolve()), of, NOTHING_SAID);
    if (!fitted) throw new Error('Its columns were not recognised.');
    return fitted.rows;
  }

  test.each([
    ['sentences', task, 1],
    ['pairs', pairTask, 2],
  ] as const)('of %s opens again as it was, whatever stands in the texts, and has no formula', async (_, of, width) => {
    const random = seededRandom(7);
    const text = () =>
      Array.from({ length: randomInt(random, 1, 5) }, () => PIECES[randomInt(random, 0, PIECES.length - 1)]).join('');
    const drawn = Array.from({ length: 400 }, () => Array.from({ length: width }, text));
    const rows = await rowsOf(drawn, of);
    const count = rows.texts.length;
    expect(count).toBeGreaterThan(300);
    const gold = Uint8Array.from({ length: count }, () => randomInt(random, 0, of.labels.length - 1));
    const exits = {
      exitLayers: new Uint8Array(count).fill(3),
      labels: Uint8Array.from({ length: count }, () => randomInt(random, 0, of.labels.length - 1)),
      tiers: new Uint8Array(count).fill(1),
      costs: new Float64Array(count).fill(0.25),
    };
    const saved = resultsTsv(exits, { labels: of.labels, source: { ...rows, gold } }).join('');
    for (const file of [saved, saved.replaceAll('\n', '\r\n')]) {
      const again = await openedAgain(file, of);
      expect(again.texts).toEqual(rows.texts);
      expect(again.gold).toEqual(gold);
    }
    const { data } = Papa.parse<string[]>(saved, { delimiter: '\t', newline: '\n', skipEmptyLines: true });
    expect(data).toHaveLength(count + 1);
    expect(data.flat().filter((cell) => /^[=+\-@＝＋－＠\t\r\n]/.test(cell))).toEqual([]);
    const { table } = await readTable(saved, of, {}, () => Promise.resolve());
    const predictions = table.rows.slice(1).map(({ fields }) => fields.at(-4));
    expect(predictions).toEqual(Array.from(exits.labels, (label) => of.labels[label]));
  });

  test('that a spreadsheet saved as CSV opens as it was, too', async () => {
    const header = 'row,sentence,label,prediction,exit_layer,tier,cost';
    const rows = await openedAgain(`${header}\n2,"'=1+1, ""so""",positive,negative,2,edge,0.3\n`, task);
    expect([rows.texts, [...(rows.gold ?? [])]]).toEqual([[['=1+1, "so"']], [1]]);
  });

  test('keeps an apostrophe that was there before, and takes none from other files', async () => {
    const source = { texts: [["'-1' she said"]] as const, lines: Uint32Array.of(1), gold: Uint8Array.of(1) };
    const columns = {
      exitLayers: Uint8Array.of(1),
      labels: Uint8Array.of(1),
      tiers: Uint8Array.of(0),
      costs: Float64Array.of(1),
    };
    const saved = resultsTsv(columns, { labels, source }).join('');
    expect(saved).toContain("\t''-1' she said\t");
    expect((await openedAgain(saved, task)).texts).toEqual(source.texts);
    expect((await openedAgain("sentence\tlabel\n'-1' she said\t1\nx\t0\n", task)).texts[0]).toEqual(["'-1' she said"]);
  });

  test('without labels is not read as if its predictions were labels', async () => {
    const source = { texts: [['Bread'], ['Salt']] as const, lines: Uint32Array.of(2, 5), gold: undefined };
    const rows = await openedAgain(resultsTsv(recorded().columns(), { labels, source }).join(''), task);
    expect([rows.texts, rows.gold]).toEqual([source.texts, undefined]);
  });
});
