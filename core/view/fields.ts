import { DEFAULT_COSTS } from '../cost';
import { DEFAULT_ALLOWED_LOSS } from '../lab/trial-job';
import { defaultPlan, type TierName } from '../layers';
import { type PayloadDtype, payloadsOf } from '../payload/dtypes';
import type { Manifest } from '../model/manifest';
import { DEFAULT_EDGE_TO_CLOUD_MS, DEFAULT_LAYER_TIMES } from '../network/equipment';
import { LINKS, type NetworkId, NETWORKS } from '../network/profiles';
import { ONLINE_POLICIES } from '../online';
import { POLICIES } from '../policies';
import { confidencePerExit } from '../policies/confidence-per-exit';
import { expectedLoss } from '../policies/expected-loss';
import type { Aim } from '../tuning/optimise';
import type { Backend } from '../protocol/page-messages';

/** Everything a person can set, and a link can hold. Parameters of policies are kept beside it (`Settings.svelte.ts`). */
export interface Fields {
  task: string;
  text: string;
  policy: string;
  mobileLayers: number;
  edgeLayers: number;
  /** The configuration that Compare sets against it, B: its policy and its split. */
  policyB: string;
  mobileLayersB: number;
  edgeLayersB: number;
  mobileLayer: number;
  edgeLayer: number;
  cloudLayer: number;
  mobileToEdge: number;
  edgeToCloud: number;
  mobileToCloud: number;
  payload: PayloadDtype;
  backend: Backend | 'auto';
  variant: string;
  /** Which of the example sentences the Examples button picks. */
  seed: number;
  /** What hero, charts and results show. */
  source: SourceName;
  /** Which route of the page is open, and which part of Compare. */
  view: ViewName;
  panel: PanelName;
  /** Ids of the policies whose curves the Lab draws, with commas between. */
  curves: string;
  /** What the Lab chooses parameters for; each kind has a number of its own. */
  aim: Aim['kind'];
  allowedLoss: number;
  costCutPercent: number;
  /** The policy that learns on the way, and the stream it learns from. */
  onlinePolicy: string;
  onlineSeed: number;
  passes: number;
  /** Whether rows of the stream are mistyped from half-way on, and after how many more sentences its learner is told of one. */
  streamChange: (typeof STREAM_CHANGES)[number];
  delay: number;
  /** The network that times are modelled on; the four numbers of the link are those of `custom`. */
  network: NetworkId;
  roundTripMs: number;
  upMbps: number;
  downMbps: number;
  jitterMs: number;
  edgeToCloudMs: number;
  /** Whether a layer's time is taken from what has run here, where something has, or always from the three below. */
  layerTimes: 'measured' | 'set';
  mobileLayerMs: number;
  edgeLayerMs: number;
  cloudLayerMs: number;
}

/** Where rows come from: the recorded dev split of the task, what is typed, and a file of the person's own. */
export const SOURCES = ['dev', 'sentences', 'file'] as const;
export type SourceName = (typeof SOURCES)[number];

/** Routes of the page. */
export const VIEWS = ['play', 'compare', 'data', 'learn'] as const;
export type ViewName = (typeof VIEWS)[number];

/** Parts of Compare, each a route of its own. */
export const PANELS = ['trade-off', 'policies', 'confidence', 'online', 'network'] as const;
export type PanelName = (typeof PANELS)[number];

/** What happens to a stream half-way. */
export const STREAM_CHANGES = ['none', 'mistyped'] as const;

/** One row per field: how it is written in a link, and what it is when nobody has said. */
export interface Field<Value> {
  /** Name in the link. */
  readonly key: string;
  readonly default: Value;
  /** The value, or undefined where the text is no valid one. */
  parse(text: string): Value | undefined;
}

/** A number with the range of its control. */
export interface NumberField extends Field<number> {
  readonly label: string;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export type CostField = 'mobileLayer' | 'edgeLayer' | 'cloudLayer' | 'mobileToEdge' | 'edgeToCloud' | 'mobileToCloud';

export type LinkField = 'roundTripMs' | 'upMbps' | 'downMbps' | 'jitterMs';
export type LayerTimeField = 'mobileLayerMs' | 'edgeLayerMs' | 'cloudLayerMs';

export type FieldTable = {
  readonly [Name in keyof Fields]: Fields[Name] extends number ? NumberField : Field<Fields[Name]>;
};

const LAYER_LABELS: Readonly<Record<TierName, string>> = {
  mobile: 'A mobile layer',
  edge: 'An edge layer',
  cloud: 'A cloud layer',
};

/** What each field is when nobody has said. */
export function defaultFields(table: FieldTable): Fields {
  return Object.fromEntries(Object.entries(table).map(([name, field]) => [name, field.default])) as unknown as Fields;
}

/** The table for a model: its tasks, layers and variants are the ranges. */
export function fieldTable(manifest: Manifest): FieldTable {
  const preset = defaultPlan(manifest.layers);
  const policies = POLICIES.map(({ id }) => id);
  const layers = (key: string, label: string, count: number) =>
    number({ key, label, unit: 'layers', min: 1, max: manifest.layers, step: 1, default: count });
  const cost = (key: string, label: string, field: CostField) =>
    number({ key, label, unit: '× a cloud layer', min: 0, max: 20, step: 0.1, default: DEFAULT_COSTS[field] });
  const milliseconds = (key: string, label: string, max: number, preset: number) =>
    number({ key, label, unit: 'ms', min: 0, max, step: 1, default: preset });
  const bandwidth = (key: string, label: string, preset: number) =>
    number({ key, label, unit: 'Mbit/s', min: 0.1, max: 200, step: 0.1, default: preset });
  const layerTime = (key: string, tier: TierName) => {
    const range = { unit: 'ms', min: 0.1, max: 50, step: 0.1 };
    return number({ key, label: LAYER_LABELS[tier], ...range, default: DEFAULT_LAYER_TIMES[tier] });
  };
  const count = (key: string, label: string, max: number) =>
    number({ key, label, unit: '', min: 1, max, step: 1, default: 1 });
  return {
    task: choice('task', Object.keys(manifest.tasks)),
    text: { key: 'text', default: '', parse: (text) => text },
    policy: choice('policy', policies),
    mobileLayers: layers('m', 'Mobile layers', preset.mobileLayers),
    edgeLayers: layers('n', 'Edge layers', preset.edgeLayers),
    policyB: choice('b.policy', policies, bestFitted(manifest)),
    mobileLayersB: layers('b.m', 'Mobile layers', preset.mobileLayers),
    edgeLayersB: layers('b.n', 'Edge layers', preset.edgeLayers),
    mobileLayer: cost('lm', 'Mobile layer', 'mobileLayer'),
    edgeLayer: cost('le', 'Edge layer', 'edgeLayer'),
    cloudLayer: cost('lc', 'Cloud layer', 'cloudLayer'),
    mobileToEdge: cost('ome', 'Mobile → edge', 'mobileToEdge'),
    edgeToCloud: cost('oec', 'Edge → cloud', 'edgeToCloud'),
    mobileToCloud: cost('omc', 'Mobile → cloud', 'mobileToCloud'),
    payload: choice('payload', payloadsOf(manifest), 'int8'),
    backend: choice('backend', ['auto', 'wasm', 'webgpu']),
    variant: choice('variant', ['auto', ...Object.keys(manifest.variants)]),
    seed: count('seed', 'Seed', 9999),
    source: choice('show', SOURCES),
    view: choice('view', VIEWS),
    panel: choice('panel', PANELS),
    curves: { key: 'curves', default: 'confidence,patience,learned-exit', parse: parsePolicies },
    aim: choice('aim', ['allowedLoss', 'equalCost']),
    allowedLoss: number({
      ...{ key: 'loss', label: 'Allowed loss', unit: 'points' },
      ...{ min: 0, max: 5, step: 0.1, default: DEFAULT_ALLOWED_LOSS },
    }),
    costCutPercent: number({ key: 'cut', label: 'Compute saved', unit: '%', min: 0, max: 95, step: 1, default: 60 }),
    onlinePolicy: choice(
      'online',
      ONLINE_POLICIES.map((policy) => policy.id),
    ),
    onlineSeed: count('stream', 'Seed of the stream', 100),
    passes: count('passes', 'Passes', 20),
    streamChange: choice('change', STREAM_CHANGES),
    delay: number({ key: 'delay', label: 'Delay', unit: 'sentences', min: 0, max: 200, step: 5, default: 0 }),
    network: choice('net', NETWORKS, '4g'),
    roundTripMs: milliseconds('rtt', 'Round trip', 1000, LINKS['4g'].roundTripMs),
    upMbps: bandwidth('up', 'Up', LINKS['4g'].upMbps),
    downMbps: bandwidth('down', 'Down', LINKS['4g'].downMbps),
    jitterMs: milliseconds('jitter', 'Jitter', 200, LINKS['4g'].jitterMs),
    edgeToCloudMs: milliseconds('backbone', 'Edge → cloud round trip', 300, DEFAULT_EDGE_TO_CLOUD_MS),
    layerTimes: choice('times', ['measured', 'set']),
    mobileLayerMs: layerTime('tm', 'mobile'),
    edgeLayerMs: layerTime('te', 'edge'),
    cloudLayerMs: layerTime('tc', 'cloud'),
  };
}

/** What one would set against confidence: where the model brings what it was fitted to for every task, the expected loss. */
function bestFitted({ tasks }: Manifest): string {
  const isFitted = Object.values(tasks).every(({ policyData }) => policyData !== undefined);
  return isFitted ? expectedLoss.id : confidencePerExit.id;
}

function number(row: Omit<NumberField, 'parse'>): NumberField {
  return { ...row, parse: (text) => parseNumber(text, row) };
}

/** A number within the range; undefined for anything else, NaN and the empty text included. */
export function parseNumber(text: string, { min, max, step }: { min: number; max: number; step: number }) {
  // Without the sign of -0.
  const value = Number(text) + 0;
  const inRange = text.trim() !== '' && value >= min && value <= max;
  return inRange && (step < 1 || Number.isInteger(value)) ? value : undefined;
}

/** A list of policies, each at most once; undefined where one of them is none. */
function parsePolicies(text: string): string | undefined {
  const ids = text === '' ? [] : text.split(',');
  const areKnown = ids.every((id) => POLICIES.some((policy) => policy.id === id));
  return areKnown ? [...new Set(ids)].join(',') : undefined;
}

function choice<Value extends string>(key: string, values: readonly Value[], preset = values[0]): Field<Value> {
  if (preset === undefined) throw new RangeError(`The field ${key} needs a value to choose from.`);
  return { key, default: preset, parse: (text) => values.find((value) => value === text) };
}
