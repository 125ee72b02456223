import { describe, expect, test } from 'vitest';
import { stretchesOf } from '../layers';
import { policyById } from '../policies';
import { fakeCalibration, fakeFitted, withData } from '../testing/fake-policy-files';
import { randomInt, seededRandom } from '../testing/random';
import { settlingTrace } from '../testing/settling-trace';
import { calibrateTrace } from './calibrated-trace';
import { expectedLosses, meanLossAt } from './expected-losses';
import { type ScoredTrace, scoreTrace } from './replay';

const ones = new Array<number>(12).fill(1);
/** Of the layer 1, 2, … of an array `[rows, layers]`. */
const atLayer = (values: Float64Array, layer: number, layers = 12) =>
  [...values].filter((_, index) => index % layers === layer - 1);

describe('expected losses', () => {
  test('are, where confidence tells nothing, the mean of the layer for every row: by hand', () => {
    // All exits are equally sure. Of four rows one is wrong up to layer 2 and one up to layer 4; the last exit is right.
    const scored = scoreTrace(calibrateTrace(settlingTrace('sst2', 2, [1, 1, 3, 5]), ones), {
      ...{ policy: policyById('confidence'), parameters: {} },
    });
    const losses = expectedLosses(scored, undefined);
    [2 / 4, 2 / 4, 1 / 4, 1 / 4, 0, 0].forEach((loss, index) => {
      for (const found of atLayer(losses, index + 1)) expect(found).toBeCloseTo(loss, 5);
    });
    const exitLayers = Uint8Array.of(1, 3, 5, 12);
    expect(meanLossAt(exitLayers, { ...scored, expectedLosses: losses })).toBeCloseTo((1 / 2 + 1 / 4) / 4, 5);
    expect(meanLossAt(exitLayers, scored)).toBeNaN();
  });

  test('are those of training/calibration/expected_losses.py', () => {
    const confidences = [
      ...[0.61, 0.74, 0.62, 0.74, 0.85, 0.56, 0.64, 0.61, 0.54, 1, 0.67, 0.57, 0.7, 0.58, 0.95],
      ...[0.57, 0.51, 0.6, 0.6, 0.69, 0.95, 0.71, 1, 0.51, 0.55, 0.9, 0.73, 0.71, 0.52, 0.52],
    ];
    const labels = [0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 0, 0, 1];
    const scored: ScoredTrace = {
      ...{ rows: 10, layers: 3, scores: new Float64Array(30), confidences: Float64Array.from(confidences) },
      labels: Uint8Array.from(labels),
      lastLabels: Uint8Array.from(labels.filter((_, index) => index % 3 === 2)),
      gold: new Uint8Array(10).fill(1),
    };
    const losses = expectedLosses(scored, undefined);
    const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 8));
    expect(atLayer(losses, 1, 3)).toEqual(
      close([
        ...[0.225499581, 0.203895145, 0.220798653, 0.027027313, 0.21095716],
        ...[0.231633655, 0.227044703, 0.209237703, 0.234666917, 0.209237703],
      ]),
    );
    expect(atLayer(losses, 2, 3)).toEqual(
      close([
        ...[0.472703723, 0.261058714, 0.660781235, 0.581883679, 0.695634471],
        ...[0.766417829, 0.552653159, -0.89778279, 0.14949906, 0.75714435],
      ]),
    );
    expect(atLayer(losses, 3, 3)).toEqual(new Array(10).fill(0));
  });

  test.each(['confidence', 'fusion', 'edge-ensemble'])(
    'of %s add up, where all rows leave at one layer, to what was counted there',
    async (id) => {
      const policy = policyById(id);
      const parameters = Object.fromEntries(policy.parameters.map((spec) => [spec.id, spec.default]));
      const stretches = stretchesOf('cascade', { mobileLayers: 4, edgeLayers: 8 }, 12);
      const random = seededRandom(9);
      const gold = Uint8Array.from({ length: 400 }, () => randomInt(random, 0, 1));
      const calibrated = calibrateTrace({ ...fakeCalibration(400), gold }, ones);
      const scored = scoreTrace(calibrated, { policy, parameters, stretches, fitted: await fakeFitted() });
      const losses = expectedLosses(scored, undefined);
      const isRight = (label: number | undefined, row: number) => Number(label === scored.gold[row]);
      for (const layer of [1, 4, 8, 12]) {
        const lost = [...scored.lastLabels].map(
          (last, row) => isRight(last, row) - isRight(scored.labels[row * 12 + layer - 1], row),
        );
        const counted = lost.reduce((sum, loss) => sum + loss, 0) / 400;
        const expected = meanLossAt(new Uint8Array(400).fill(layer), { ...scored, expectedLosses: losses });
        expect(expected).toBeCloseTo(counted, 5);
      }
      expect(losses.some((loss) => loss < 0)).toBe(true);
    },
  );

  test('are the model’s own where it brings them', () => {
    const scored = scoreTrace(calibrateTrace(settlingTrace('sst2', 2, [1, 3]), ones), {
      ...{ policy: policyById('confidence'), parameters: {} },
    });
    // Whatever the confidence, one of the two alone is right in a half of the rows, and in a quarter of these the earlier.
    const even = { changes: { weight: 0, bias: 0 }, lastIsRight: { weight: 0, bias: Math.log(3) } };
    const fitted = withData({ expectedLosses: new Array<typeof even>(11).fill(even) });
    const losses = expectedLosses(scored, fitted);
    for (let layer = 1; layer <= 12; layer++) {
      for (const loss of atLayer(losses, layer)) expect(loss).toBeCloseTo(layer < 12 ? 0.5 * (2 * 0.75 - 1) : 0, 12);
    }
  });
});
