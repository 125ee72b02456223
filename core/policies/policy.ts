import type { Exit } from '../exits';
import type { LayerIndex, Route, Stretch, TierName } from '../layers';
import type { Fitted } from './fitted';
import type { PoolDistances } from './pool-distances';

/** A parameter as a policy declares it, for models of any depth. */
export interface ParameterRow extends Omit<ParameterSpec, 'max'> {
  /** `layers`: as many as the model has. */
  readonly max: number | 'layers';
}

/** A parameter of a policy for one model: the page's sliders, the link and the command line are made from these. */
export interface ParameterSpec {
  readonly id: string;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  /** A whole step takes whole values only. */
  readonly step: number;
  readonly default: number;
  /** One sentence for the person who moves it. */
  readonly hint: string;
  /** Whose samples alone it is for; undefined where it is for all. */
  readonly tier?: TierName;
  /** For links and the command line: the page has no slider for it. */
  readonly isHidden?: true;
  /** What people are promised by it, so that no search changes it: a guarantee that was searched for is none. */
  readonly isPromise?: true;
  /** Scores depend on it: recorded ones are made anew when it moves. */
  readonly shapesScore?: true;
}

export type PolicyParameters = Readonly<Record<string, number>>;

/** What policies look at, in the order and the words of the page. */
export const POLICY_GROUPS = [
  'How sure one exit is',
  'How layers follow each other',
  'Answers of several tiers',
  'Chosen before computing',
  'Fitted on calibration data',
  'Baselines',
] as const;
export type PolicyGroup = (typeof POLICY_GROUPS)[number];

/** What a policy must know besides the logits of the exits; `needs.ts` has the words. */
export type PolicyNeed =
  | 'policyData'
  | 'disagreements'
  | 'calibration'
  | 'saturation'
  | 'poolDistances'
  | 'dynamicsDistances'
  | 'rowSeed'
  | 'gold';

/** What is known of a sample besides its exits. */
export interface SampleFacts {
  /** A number of the sample's own, for policies that draw lots; the same on every tier. */
  readonly rowSeed?: number | undefined;
  /** The right label, where people gave one. */
  readonly gold?: number | undefined;
  /** How far its embedding is from the pools' centroids, where that was measured. */
  readonly distances?: PoolDistances | undefined;
}

/** What a score may be made of besides the exits. */
export interface ScoreInputs {
  readonly parameters: PolicyParameters;
  readonly fitted: Fitted;
  readonly sample: SampleFacts;
  /** Which tier runs which layers, for policies with `seesTiers`. */
  readonly stretches: readonly Stretch[];
}

/** A layer at which a sample may leave. */
export interface Place {
  readonly layer: LayerIndex;
  readonly tier: TierName;
  /** The last layer that this tier runs. */
  readonly tierLastLayer: LayerIndex;
  /** The last layer of the sample's route, where every sample leaves. */
  readonly lastLayer: LayerIndex;
}

/**
 * When a sample leaves the network: a score of the evidence so far, and the score that each layer asks for. It keeps
 * nothing from one sample to the next. It may choose a tier for each sample before any layer has run (`tierFor`), and may
 * answer with more than the exit at which the sample leaves (`predict`). What learns on the way (bandits) is made of these:
 * for each sample it chooses one, its parameters, its route and its plan.
 */
export interface Policy {
  readonly id: string;
  readonly name: string;
  /** What it is in a comparison: a method to use, something that methods must beat, or a bound that knows the answers. */
  readonly role: 'method' | 'baseline' | 'oracle';
  readonly group: PolicyGroup;
  /** Of two classes it orders samples as confidence does, so that only the scale of its threshold is another. */
  readonly ordersPairsByConfidence?: true;
  /** Its score is the confidence of the latest exit, so that its thresholds are confidences. */
  readonly asksForConfidence?: true;
  /** What all others must be better than: drawn beside them, whatever is picked. */
  readonly isYardstick?: true;
  /** The rule in the field's symbols. */
  readonly rule: string;
  readonly source: string;
  /** The route of every sample that `tierFor` sends nowhere else. */
  readonly route: Route;
  readonly needs: readonly PolicyNeed[];
  readonly parameters: readonly ParameterRow[];
  /** Score and answer depend on `ScoreInputs.stretches`: recorded ones are made anew when the split moves. */
  readonly seesTiers?: true;
  /**
   * The tier that a sample goes to whole: its text crosses, and it leaves at the last of that tier's layers without any
   * exit being asked. Looks at what is known before layer 1; undefined where that has not been found out of the sample.
   */
  tierFor?(sample: SampleFacts, fitted: Fitted): TierName | undefined;
  /**
   * Class probabilities answered for a sample that leaves with exits 1..k; undefined where those of exit k are, as in a
   * policy without this. It may look at what the score may look at.
   */
  predict?(exits: readonly Exit[], given: ScoreInputs): readonly number[] | undefined;
  /**
   * Sums up exits 1..k in one number at exit k; the higher, the sooner the sample leaves. Of the parameters it may look at
   * those alone that are marked `shapesScore`: recorded scores are kept, and a moved slider asks `threshold` alone.
   */
  score(exits: readonly Exit[], given: ScoreInputs): number;
  /** The least score with which a sample leaves at a layer; Infinity where none does. Not asked of the last layer. */
  threshold(place: Place, parameters: PolicyParameters, fitted: Fitted): number;
}

/** A method that samples climb the tiers under and that needs their exits alone, as far as it does not say otherwise. */
export function cascade(
  policy: Omit<Policy, 'role' | 'route' | 'needs'> & Partial<Pick<Policy, 'role' | 'needs'>>,
): Policy {
  return { role: 'method', route: 'cascade', needs: [], ...policy };
}

/** The parameters of a policy of any kind, for a model with so many layers. */
export function parametersOf(
  { parameters }: { readonly parameters: readonly ParameterRow[] },
  layers: number,
): readonly ParameterSpec[] {
  return parameters.map((row) => {
    const max = row.max === 'layers' ? layers : row.max;
    return { ...row, max, default: Math.min(row.default, max) };
  });
}

/** A policy together with the values of its parameters. */
export interface PolicyChoice {
  readonly id: string;
  readonly parameters: PolicyParameters;
}

/** One threshold a tier, named `mobileThreshold`, `edgeThreshold`, `cloudThreshold`. */
export function tierThresholds(
  spec: Pick<ParameterSpec, 'min' | 'max' | 'step'>,
  defaults: Record<TierName, number>,
  hint: string,
): readonly ParameterSpec[] {
  const row = (tier: TierName, label: string): ParameterSpec => ({
    id: `${tier}Threshold`,
    label,
    tier,
    ...spec,
    default: defaults[tier],
    hint,
  });
  return [row('mobile', 'Mobile threshold'), row('edge', 'Edge threshold'), row('cloud', 'Cloud threshold')];
}

/** One threshold on a confidence, the same on every tier. */
export function oneThreshold(hint: string): ParameterSpec {
  return { id: 'threshold', label: 'Threshold', min: 0, max: 1, step: 0.005, default: 0.9, hint };
}

/** How long something must hold, counted in exits. */
export function patienceRow(preset: number, hint: string): ParameterRow {
  return { id: 'patience', label: 'Patience', min: 1, max: 'layers', step: 1, default: preset, hint };
}

export function thresholdOf(tier: TierName, parameters: PolicyParameters): number {
  return parameters[`${tier}Threshold`] ?? Number.NaN;
}

/** A threshold on a number that is at most 1: at 1 it is never reached, not even by what is 1 in floating point. */
export function reachableBelowOne(threshold: number): number {
  return threshold < 1 ? threshold : Number.POSITIVE_INFINITY;
}

/** For a score that is a number negated, since the smaller it is the sooner samples leave: at 0 it is never reached. */
export function atMost(threshold: number): number {
  return threshold > 0 ? -threshold : Number.POSITIVE_INFINITY;
}
