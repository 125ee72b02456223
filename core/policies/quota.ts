import { at } from '../numbers/at';
import { byConfidence } from './confidence';
import { policyDataOf } from './needs';
import { cascade } from './policy';

/**
 * Leave when max p ≥ τₗ, with τₗ such that a share q of the calibration rows leaves at each exit. By exit l the surest
 * l · q of the rows shall have left, so τₗ is the quantile 1 − l · q of exit l's confidences. As far as exits do not agree
 * on which rows are the surest, more leave at first and fewer later. Source: MSDNet (arXiv 1703.09844), budgeted batches.
 * How near to the paper: there the shares fall geometrically with depth and count those still on their way; here they are
 * even and count all rows.
 */
export const quota = cascade({
  id: 'quota',
  name: 'Quota',
  group: 'Fitted on calibration data',
  rule: 'answered when the confidence max p reaches τₗ, the quantile 1 − l · q of those of layer l on calibration rows: about a share q more is answered at each layer',
  source: 'MSDNet, arXiv 1703.09844 (budgeted batches)',
  needs: ['policyData'],
  parameters: [
    {
      id: 'share',
      label: 'Share at each exit',
      min: 0,
      max: 1,
      step: 0.01,
      default: 0.2,
      hint: 'Of all sentences like those of the calibration split, this share leaves at each layer until none are left.',
    },
  ],
  ...byConfidence,
  threshold: ({ layer }, { share = Number.NaN }, fitted) => {
    const leaving = layer * share;
    if (!(leaving > 0)) return Number.POSITIVE_INFINITY;
    return leaving < 1 ? quantile(at(policyDataOf(fitted).quantiles, layer - 1), 1 - leaving) : 0;
  },
});

/** The value that a share of the rows does not exceed, between the two known ones on a straight line. */
function quantile(known: readonly number[], share: number): number {
  const place = share * (known.length - 1);
  const [below, above] = [at(known, Math.floor(place)), at(known, Math.ceil(place))];
  return below + (place % 1) * (above - below);
}
