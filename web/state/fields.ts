import { DEFAULT_COSTS } from '../../core/cost';
import { payloadsOf } from '../../core/model/bottlenecks';
import type { PayloadDtype } from '../../core/model/hidden-state';
import type { Manifest } from '../../core/model/manifest';
import { POLICIES } from '../../core/policies';
import type { Backend } from '../../core/worker-messages';

/** Everything a person can set, and a link can hold. Parameters of policies are kept beside it (`Settings.svelte.ts`). */
export interface Fields {
  task: string;
  text: string;
  policy: string;
  mobileLayers: number;
  edgeLayers: number;
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
  /** What the charts show. */
  source: 'dev' | 'sentences';
}

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

export type FieldTable = {
  readonly [Name in keyof Fields]: Fields[Name] extends number ? NumberField : Field<Fields[Name]>;
};

/** The table for a model: its tasks, layers and variants are the ranges. */
export function fieldTable(manifest: Manifest): FieldTable {
  const layers = (key: string, label: string, preset: number) =>
    number({ key, label, unit: 'layers', min: 1, max: manifest.layers, step: 1, default: preset });
  const cost = (key: string, label: string, field: CostField) =>
    number({ key, label, unit: '× a cloud layer', min: 0, max: 20, step: 0.1, default: DEFAULT_COSTS[field] });
  return {
    task: choice('task', Object.keys(manifest.tasks)),
    text: { key: 'text', default: '', parse: (text) => text },
    policy: choice(
      'policy',
      POLICIES.map((policy) => policy.id),
    ),
    mobileLayers: layers('m', 'Mobile layers', Math.round(manifest.layers / 3)),
    edgeLayers: layers('n', 'Edge layers', Math.round((2 * manifest.layers) / 3)),
    mobileLayer: cost('lm', 'Mobile layer', 'mobileLayer'),
    edgeLayer: cost('le', 'Edge layer', 'edgeLayer'),
    cloudLayer: cost('lc', 'Cloud layer', 'cloudLayer'),
    mobileToEdge: cost('ome', 'Mobile → edge', 'mobileToEdge'),
    edgeToCloud: cost('oec', 'Edge → cloud', 'edgeToCloud'),
    mobileToCloud: cost('omc', 'Mobile → cloud', 'mobileToCloud'),
    payload: choice('payload', payloadsOf(manifest), 'int8'),
    backend: choice('backend', ['auto', 'wasm', 'webgpu']),
    variant: choice('variant', ['auto', ...Object.keys(manifest.variants)]),
    seed: number({ key: 'seed', label: 'Seed', unit: '', min: 1, max: 9999, step: 1, default: 1 }),
    source: choice('show', ['dev', 'sentences']),
  };
}

function number(row: Omit<NumberField, 'parse'>): NumberField {
  return { ...row, parse: (text) => parseNumber(text, row) };
}

/** A number within the range; undefined for anything else, NaN and the empty text included. */
export function parseNumber(text: string, { min, max, step }: { min: number; max: number; step: number }) {
  const value = Number(text);
  const inRange = text.trim() !== '' && value >= min && value <= max;
  return inRange && (step < 1 || Number.isInteger(value)) ? value : undefined;
}

function choice<Value extends string>(key: string, values: readonly Value[], preset = values[0]): Field<Value> {
  if (preset === undefined) throw new RangeError(`The field ${key} needs a value to choose from.`);
  return { key, default: preset, parse: (text) => values.find((value) => value === text) };
}
