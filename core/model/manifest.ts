import * as v from 'valibot';
import { toLayer } from '../layers';
import { at } from '../numbers/at';
import { DimeeError } from '../errors';
import { exitsOf, type Exit } from '../exits';

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** A file of the model: path relative to the manifest, size in bytes, SHA-256 in lower-case hex. */
const modelFile = v.object({ path: v.pipe(v.string(), v.regex(/^[\w./-]+$/)), bytes: count, sha256 });

const variant = v.object({ description: v.string(), embeddings: modelFile, layers: v.array(modelFile) });

/** How a task is judged: F1 of class 1, Matthews' correlation, or the share of right answers. */
export const METRICS = ['accuracy', 'f1', 'matthews'] as const;

/** What layers are computed by: WASM or WebGPU in a browser, a native library elsewhere. */
export const RUNTIMES = ['wasm', 'webgpu', 'native'] as const;
export type RuntimeName = (typeof RUNTIMES)[number];

const task = v.object({
  name: v.string(),
  /** What the task asks of a sample, for people. */
  question: v.optional(v.string(), ''),
  /** The field's headline measure of the task, told beside accuracy where it is another. */
  metric: v.optional(v.picklist(METRICS), 'accuracy'),
  /** Samples that people can try, from plain to tricky: one text each, or two. */
  examples: v.optional(v.array(v.union([v.strictTuple([v.string()]), v.strictTuple([v.string(), v.string()])])), []),
  /** Two texts a sample instead of one. */
  pair: v.boolean(),
  /** Class names in label order. */
  labels: v.pipe(v.array(v.string()), v.minLength(2)),
  /** Half-open slice of a layer's `logits` output that belongs to this task. */
  logits: v.tuple([v.pipe(v.number(), v.integer()), v.pipe(v.number(), v.integer())]),
  /** One temperature per exit, fitted on the calibration split. */
  temperatures: v.array(v.pipe(v.number(), v.minValue(1e-3))),
  /** Confidence thresholds chosen on the calibration split. */
  thresholds: v.optional(v.object({ mobile: v.number(), edge: v.number() })),
  traces: v.optional(v.record(v.string(), modelFile), {}),
  /** What policies were fitted to on the calibration split. */
  policyData: v.optional(modelFile),
});

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

/** A codec for the output of one layer (`state-codec.ts`); no part of the model's hash. */
const codec = v.object({
  layer: v.pipe(count, v.transform(toLayer)),
  codewords: v.pipe(count, v.maxValue(4096)),
  levels: v.pipe(count, v.maxValue(32)),
  /** Of numbers, by how widely they are spread. */
  classes: v.pipe(count, v.maxValue(128)),
  file: modelFile,
});

const manifestSchema = v.object({
  format: v.literal(1),
  /** Letters, digits, dots, hyphens and underscores: it is part of addresses. */
  id: v.pipe(v.string(), v.regex(/^[\w.-]+$/)),
  /** SHA-256 over the sorted list of all weight files: two tiers with the same hash run the same network. */
  hash: sha256,
  layers: count,
  hidden: count,
  maxTokens: count,
  classes: count,
  tokenizer: modelFile,
  variants: v.record(v.string(), variant),
  /** What each runtime takes where nobody has chosen; the first variant where it does not say. */
  defaultVariant: v.optional(v.partial(v.object(v.entriesFromList(RUNTIMES, v.string()))), {}),
  tasks: v.record(v.string(), task),
  codecs: v.optional(v.array(codec), []),
  /** How strongly the traces called “noised” are: shares of all words. */
  noise: v.optional(v.object({ swappedShare: share, droppedShare: share })),
});

export type Manifest = v.InferOutput<typeof manifestSchema>;
export type ModelFile = v.InferOutput<typeof modelFile>;
export type ModelVariant = v.InferOutput<typeof variant>;
export type Task = v.InferOutput<typeof task>;
export type CodecEntry = v.InferOutput<typeof codec>;

/** @throws DimeeError `BAD_MANIFEST`, naming the first field that is wrong. */
export function parseManifest(value: unknown): Manifest {
  const parsed = v.safeParse(manifestSchema, value);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new DimeeError(
      'BAD_MANIFEST',
      `The model manifest is not valid at “${v.getDotPath(issue) ?? 'its top'}”: ${issue.message}`,
    );
  }
  const manifest = parsed.output;
  for (const [id, { layers }] of Object.entries(manifest.variants)) {
    if (layers.length !== manifest.layers) {
      throw new DimeeError('BAD_MANIFEST', `Variant “${id}” lists ${layers.length} of ${manifest.layers} layers.`);
    }
  }
  if (Object.keys(manifest.variants).length === 0) throw new DimeeError('BAD_MANIFEST', 'The model has no variant.');
  for (const [runtime, id] of Object.entries(manifest.defaultVariant)) {
    if (id === undefined || Object.hasOwn(manifest.variants, id)) continue;
    throw new DimeeError('BAD_MANIFEST', `On ${runtime} the model takes a variant “${id}”, which it does not list.`);
  }
  for (const [id, { temperatures, labels, logits, pair, examples }] of Object.entries(manifest.tasks)) {
    if (temperatures.length !== manifest.layers) {
      throw new DimeeError(
        'BAD_MANIFEST',
        `Task “${id}” has ${temperatures.length} of ${manifest.layers} temperatures.`,
      );
    }
    if (examples.some((texts) => texts.length !== (pair ? 2 : 1))) {
      throw new DimeeError(
        'BAD_MANIFEST',
        `Examples of task “${id}” must have ${pair ? 'two texts' : 'one text'} each.`,
      );
    }
    const [start, end] = logits;
    if (start < 0 || end > manifest.classes || end - start !== labels.length) {
      const slice = `${labels.length} of the ${manifest.classes} logits`;
      throw new DimeeError('BAD_MANIFEST', `Task “${id}” takes logits ${start} to ${end} where it needs ${slice}.`);
    }
  }
  for (const [index, { layer }] of manifest.codecs.entries()) {
    if (layer >= manifest.layers) {
      throw new DimeeError(
        'BAD_MANIFEST',
        `The codec after layer ${layer} cannot be: the model has ${manifest.layers} layers.`,
      );
    }
    if (manifest.codecs.findIndex((codec) => codec.layer === layer) < index) {
      throw new DimeeError('BAD_MANIFEST', `The model has more than one codec after layer ${layer}.`);
    }
  }
  return manifest;
}

/** @throws DimeeError `BAD_INPUT` for a task the model has no classifier for. */
export function taskOf(manifest: Manifest, id: string): Task {
  const found = Object.hasOwn(manifest.tasks, id) ? manifest.tasks[id] : undefined;
  if (found) return found;
  throw new DimeeError(
    'BAD_INPUT',
    `The model has no task “${id}”. Choose one of: ${Object.keys(manifest.tasks).join(', ')}.`,
  );
}

/** @throws DimeeError `BAD_INPUT` for a variant the model does not come in. */
export function variantOf(manifest: Manifest, id: string): ModelVariant {
  const found = Object.hasOwn(manifest.variants, id) ? manifest.variants[id] : undefined;
  if (found) return found;
  throw new DimeeError(
    'BAD_INPUT',
    `The model has no variant “${id}”. Choose one of: ${Object.keys(manifest.variants).join(', ')}.`,
  );
}

/** The variant that a runtime takes where nobody has chosen. */
export function defaultVariantOf({ defaultVariant, variants }: Manifest, runtime: RuntimeName): string {
  return defaultVariant[runtime] ?? at(Object.keys(variants), 0);
}

/** The task's own logits out of a layer's output over all classes. */
export function taskLogits(task: Task, allLogits: ArrayLike<number>): number[] {
  const [start, end] = task.logits;
  return Array.from({ length: end - start }, (_, index) => at(allLogits, start + index));
}

/** Calibrated exits 1..k of a task from its raw logits. */
export function taskExits(task: Task, logits: readonly (readonly number[])[]): Exit[] {
  return exitsOf(logits, task.temperatures);
}
