import { DEFAULT_ALLOWED_LOSS } from '../../core/lab/trial-job';
import type { Aim } from '../../core/trace/optimise';

const DEFAULT_COST_CUT_PERCENT = 60;

/** What parameters are chosen for, as a person sets it. */
export class AimChoice {
  kind: Aim['kind'] = $state('allowedLoss');
  /** In points of accuracy. */
  allowedLoss = $state(DEFAULT_ALLOWED_LOSS);
  /** Against all cloud. */
  costCutPercent = $state(DEFAULT_COST_CUT_PERCENT);

  /** Another object whenever it is another aim. */
  readonly aim: Aim = $derived.by(() =>
    this.kind === 'allowedLoss'
      ? { kind: 'allowedLoss', points: this.allowedLoss }
      : { kind: 'equalCost', costCutPercent: this.costCutPercent },
  );
}
