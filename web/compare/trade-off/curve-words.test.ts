import { describe, expect, it } from 'vitest';
import type { CurvePoint } from '../../../core/lab/frontier';
import { compare } from '../../words/en/compare';
import { settings } from '../../words/en/settings';
import { curveInWords, pointWords } from './curve-words';

const told = (measure: string) => ({ ...compare.tradeOff, measure, inWords: settings.set });

const point = (costCutPercent: number, lossPoints: number, parameters = {}): CurvePoint => ({
  ...{ parameters, lossPoints, costCutPercent, meanLayers: 4.25 },
  accuracy: 0.9 - lossPoints / 100,
  lossInterval: [lossPoints - 0.5, lossPoints + 0.5],
  costCutInterval: [costCutPercent - 2, costCutPercent + 2],
});

describe('curves in words', () => {
  it('say what a point is, its parameters last', () => {
    expect(pointWords('patience', point(40, 1.5, { patience: 3 }), told('accuracy'))).toEqual([
      'compute saved 40.0 % (38.0 to 42.0)',
      'accuracy 88.5 %',
      '1.5 points lost (1.0 to 2.0)',
      '4.3 layers run on average',
      'patience 3',
    ]);
    expect(pointWords('all-edge', point(40, -0.04), told('agreement'))).toEqual([
      'compute saved 40.0 % (38.0 to 42.0)',
      'agreement 90.0 %',
      '0.0 points lost (−0.5 to 0.5)',
      '4.3 layers run on average',
    ]);
  });

  it('say where a curve begins and ends, and how far it keeps close to all layers', () => {
    const points = [point(10, 0), point(30, 0.9), point(50, 4)];
    const curve = { policy: 'patience', origin: 'calibration', points, accuracyAtLastExit: 0.9 } as const;
    expect(curveInWords(curve, told('accuracy'))).toBe(
      'Patience: from 10.0 % saved at 90.0 % accuracy to 50.0 % saved at 86.0 % accuracy; at most 1 point below all layers (90.0 %) up to 30.0 % of compute saved.',
    );
    expect(curveInWords({ ...curve, points: [point(50, 4)] }, told('accuracy'))).toBe(
      'Patience: 50.0 % saved at 86.0 % accuracy; never at most 1 point below all layers (90.0 %).',
    );
  });
});
