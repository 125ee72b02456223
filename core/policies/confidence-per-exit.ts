import { byConfidence } from './confidence';
import { cascade, oneThreshold, reachableBelowOne } from './policy';

/**
 * Leave when max p ≥ τₗ, with a threshold for each exit: τ at the first exit and at the last one that may be refused, and
 * a straight line between. Source: MSDNet (arXiv 1703.09844), which has one threshold an exit.
 * How near to the paper: its thresholds are any numbers, set so that a share of samples leaves at each exit (`quota`).
 * Here two ends, and not a dozen sliders: they show what there is to learn (whether early exits must be surer than late ones),
 * fit a link, and can be swept. Thresholds of any shape come out of `quota`, which fits them. 1 is never reached.
 */
export const confidencePerExit = cascade({
  id: 'confidence-per-exit',
  name: 'Confidence, exit by exit',
  group: 'How sure one exit is',
  ordersPairsByConfidence: true,
  rule: 'answered when the confidence max p reaches τₗ, the threshold of layer l: from the first to the last in equal steps',
  source: 'MSDNet, arXiv 1703.09844',
  parameters: [
    {
      ...oneThreshold('The confidence that layer 1 asks for, whichever tier runs it.'),
      ...{ id: 'firstThreshold', label: 'First threshold', default: 0.98 },
    },
    {
      ...oneThreshold(
        'The confidence that the last layer but one asks for. Thresholds between lie on a straight line.',
      ),
      ...{ id: 'lastThreshold', label: 'Last threshold', default: 0.8 },
    },
  ],
  ...byConfidence,
  threshold: ({ layer, lastLayer }, { firstThreshold = Number.NaN, lastThreshold = Number.NaN }) => {
    const way = (layer - 1) / Math.max(lastLayer - 2, 1);
    return reachableBelowOne(firstThreshold + way * (lastThreshold - firstThreshold));
  },
});
