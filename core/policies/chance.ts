import { drawLot } from '../numbers/lots';
import { cascade, type ParameterSpec, type ScoreInputs } from './policy';

const draw: ParameterSpec = {
  id: 'draw',
  label: 'Draw',
  min: 1,
  max: 9999,
  step: 1,
  default: 1,
  hint: 'Another number gives another random choice.',
  isHidden: true,
  shapesScore: true,
};

/** Leave at each exit with probability q, whatever it says: u ≤ q for a number u drawn for the sample and layer. */
export const randomExit = cascade({
  id: 'random-exit',
  name: 'Random exit',
  role: 'baseline',
  group: 'Baselines',
  rule: 'answered at each exit with probability q',
  source: 'baseline',
  needs: ['rowSeed'],
  parameters: [
    {
      id: 'probability',
      label: 'Probability',
      min: 0,
      max: 1,
      step: 0.01,
      default: 0.2,
      hint: 'How probable it is that a sentence leaves at a layer it has come to.',
    },
    draw,
  ],
  score: (exits, given) => -lotOf(given, exits.length),
  threshold: (_place, { probability = Number.NaN }) => (probability > 0 ? -probability : Number.POSITIVE_INFINITY),
});

/**
 * Leave at a fixed depth, whatever the exits say. Between two layers a sample's lot decides, so that the mean depth is the
 * one asked for and can be set equal to another policy's: with u drawn from 0 to below 1, leave at the first l ≥ d − u.
 */
export const fixedExit = cascade({
  id: 'fixed-exit',
  name: 'Fixed exit',
  role: 'baseline',
  group: 'Baselines',
  isYardstick: true,
  rule: 'answered at layer d, whatever the exits say; for d between two layers, at either, with mean d',
  source: 'baseline',
  needs: ['rowSeed'],
  parameters: [
    {
      id: 'depth',
      label: 'Mean depth',
      min: 1,
      max: 'layers',
      step: 0.1,
      default: 4,
      hint: 'The layers a sentence runs on average. Set it to another policy’s mean to compare the two at equal depth.',
    },
    draw,
  ],
  score: (exits, given) => exits.length + lotOf(given),
  threshold: (_place, { depth = Number.NaN }) => depth,
});

function lotOf({ parameters: { draw }, sample: { rowSeed } }: ScoreInputs, ...more: readonly number[]): number {
  if (draw !== undefined && rowSeed !== undefined) return drawLot(draw, rowSeed, ...more);
  throw new RangeError('A lot needs the parameter “draw” and a seed of the sample’s own.');
}
