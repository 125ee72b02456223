import { DEFAULT_COSTS } from '../cost';
import type { Plan } from '../layers';
import type { OnlinePolicy, RecordedSample, Setting } from '../online/online-policy';
import type { PolicyParameters } from '../policies';
import { type CalibratedTrace, calibrateTrace } from '../trace/calibrated-trace';

const plan: Plan = { mobileLayers: 4, edgeLayers: 8 };

/** A setting with the default costs; parameters that are left out take the policy's defaults. */
export function settingFor(
  policy: OnlinePolicy,
  { parameters = {}, ...changes }: Partial<Setting> & { parameters?: PolicyParameters } = {},
): Setting {
  const defaults = Object.fromEntries(policy.parameters.map((spec) => [spec.id, spec.default]));
  return {
    plan,
    costs: DEFAULT_COSTS,
    layers: 12,
    hidden: 384,
    classes: 2,
    ...changes,
    parameters: { ...defaults, ...parameters },
  };
}

/** 8 Mbit/s are a byte a microsecond, and layers on the edge take twice as long as on an idle one. */
export const CALM_NETWORK = { uplinkMbitPerSecond: 8, edgeLoad: 0.5 };

/** A sample whose exits have these confidences and, unless said otherwise, the right label. */
export function sampleWith(confidences: readonly number[], changes: Partial<RecordedSample> = {}): RecordedSample {
  return {
    tokens: 8,
    firstConfidence: confidences[0] ?? 0,
    deviceConfidence: confidences[plan.mobileLayers - 1] ?? 0,
    network: CALM_NETWORK,
    confidences: Float64Array.from(confidences),
    labels: new Uint8Array(confidences.length),
    gold: 0,
    ...changes,
  };
}

/** What a row of a trace is made of. */
export interface Row {
  /** The confidence of every exit, over 0.5; they are exact to float32. */
  readonly confidences: readonly number[];
  /** Whether each exit is right; all of them are by default. */
  readonly right?: readonly boolean[];
  readonly tokens?: number;
}

/** A calibrated trace of two classes; class 0 is the right one everywhere. */
export function traceOf(rows: readonly Row[]): CalibratedTrace {
  const layers = rows[0]?.confidences.length ?? 0;
  const logits = rows.flatMap(({ confidences, right }) =>
    confidences.flatMap((confidence, index) => {
      const logit = Math.log(confidence / (1 - confidence));
      return (right?.[index] ?? true) ? [logit, 0] : [0, logit];
    }),
  );
  const trace = {
    ...{ task: 'sst2', split: 'dev', model: 'fake', rows: rows.length, layers, classes: 2, isLabelled: true },
    logits: Float32Array.from(logits),
    gold: new Uint8Array(rows.length),
    tokens: Uint16Array.from(rows, ({ tokens = 8 }) => tokens),
  };
  return calibrateTrace(trace, new Array<number>(layers).fill(1));
}
