import { median } from 'd3-array';
import type { CheckedLabels, MeasureAnswer, MeasureRequest } from '../core/device/messages';
import { MEASURED_TOKENS, type MeasuredRow, type Survey } from '../core/device/measurement';
import { errorData, hasCode, messageOf } from '../core/errors';
import { layersUpTo } from '../core/layers';
import { type Manifest, type ModelFile, taskLogits, variantOf } from '../core/model/manifest';
import { type Inputs, lazyTokenizer, type Session } from '../core/model/onnx-layers';
import type { Backend } from '../core/protocol/page-messages';
import type { BackendChoice } from './backend';

type MeasureStation = Extract<MeasureRequest, { type: 'measure' }>;

/** The model's files, as far as a measurement needs them. */
export interface BenchFiles {
  readonly manifest: Manifest;
  fetchFile(file: ModelFile): Promise<Uint8Array>;
  isHere(file: ModelFile): Promise<boolean>;
}

/** What a measurement stands on; tests put fakes here. */
export interface DeviceBenchParts {
  readonly post: (answer: MeasureAnswer) => void;
  readonly openFiles: (manifestUrl: string) => Promise<BenchFiles>;
  readonly chooseBackend: (wanted: Backend) => Promise<BackendChoice>;
  /** Why the adapter that answers is none to be measured, such as one that is software. */
  readonly noRealGpu: () => Promise<string | undefined>;
  /** Bytes of the runtime for WebGPU that this browser has to fetch. */
  readonly gpuRuntimeBytes: () => Promise<number>;
  readonly startRuntime: (
    backend: Backend,
    threads: number,
  ) => Promise<{ readonly threads: number; createSession(graph: Uint8Array, provider: Backend): Promise<Session> }>;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
}

type Runtime = Awaited<ReturnType<DeviceBenchParts['startRuntime']>>;

/** Clear enough for every task to have a label that rounding does not turn. */
const CHECK_SENTENCE = 'A joy from the first minute to the last.';
/** Of two logits: closer ones may change places by rounding alone. */
const CLEAR_MARGIN = 0.5;
/** Runs of a length: enough for a median, and no more than serve it. */
const RUNS = { fewest: 3, most: 40 };

/** Measures layers in a worker of its own, since a runtime keeps the threads that it was started with. */
export class DeviceBench {
  constructor(private readonly parts: DeviceBenchParts) {}

  async answer(request: MeasureRequest): Promise<void> {
    try {
      if (request.type === 'measure') return await this.#measureStation(request);
      this.parts.post({ type: 'surveyed', survey: await this.#survey(request.manifestUrl) });
    } catch (error) {
      this.parts.post({ type: 'failed', error: errorData(error) });
    }
  }

  async #survey(manifestUrl: string): Promise<Survey> {
    const { openFiles, chooseBackend, noRealGpu, gpuRuntimeBytes } = this.parts;
    const [files, { threads }, gpu] = await Promise.all([
      openFiles(manifestUrl),
      chooseBackend('wasm'),
      chooseBackend('webgpu'),
    ]);
    const noGpu = gpu.backend === 'webgpu' ? await noRealGpu() : gpu.fallback;
    const adapter = noGpu === undefined ? gpu.adapter : undefined;
    const { variants, tokenizer } = files.manifest;
    const missing = async (file: ModelFile) => ((await files.isHere(file)) ? 0 : file.bytes);
    const surveyed = Object.entries(variants).map(
      async ([
        id,
        {
          layers: [first],
        },
      ]) => ({
        id,
        missingBytes: first ? await missing(first) : 0,
      }),
    );
    const embeddings = await Promise.all(Object.values(variants).map((variant) => missing(variant.embeddings)));
    // The check sentence is for WebGPU alone.
    const forCheck = adapter === undefined ? 0 : Math.min(...embeddings) + (await missing(tokenizer));
    const runtime = adapter === undefined ? 0 : await gpuRuntimeBytes();
    return { threads, adapter, noGpu, variants: await Promise.all(surveyed), commonBytes: forCheck + runtime };
  }

  async #measureStation({ manifestUrl, station, variants, ...rest }: MeasureStation): Promise<void> {
    const { openFiles, startRuntime, now, post } = this.parts;
    const files = await openFiles(manifestUrl);
    const graphs = new Map<string, Uint8Array>();
    for (const variant of variants) graphs.set(variant, await files.fetchFile(firstLayer(files.manifest, variant)));
    const startedAt = now();
    const runtime = await startRuntime(station.backend, station.threads);
    const runtimeMs = now() - startedAt;
    for (const [variant, graph] of graphs) {
      const of = { ...station, variant };
      try {
        const measured = await this.#measure(runtime, graph, files.manifest, station.backend, rest.lengthMs);
        const expected = rest.expected[variant];
        const labels = rest.isChecked
          ? await this.#check(runtime, files, variant, station.backend, expected?.layers)
          : undefined;
        const row = { ...of, threads: runtime.threads, runtimeMs, ...measured };
        post({ type: 'measured', row: { ...row, check: checkOf(station.backend, labels, expected) }, labels });
      } catch (error) {
        // With it the other weights cannot be measured here either.
        if (hasCode(error, 'RUNTIME_LOST')) throw error;
        post({ type: 'skipped', row: { ...of, reason: messageOf(error) } });
      }
    }
    post({ type: 'done' });
  }

  async #measure(
    runtime: Runtime,
    graph: Uint8Array,
    { hidden }: Manifest,
    backend: Backend,
    lengthMs: number,
  ): Promise<Pick<MeasuredRow, 'openMs' | 'firstMs' | 'layerMs'>> {
    const { now } = this.parts;
    const openedAt = now();
    const session = await runtime.createSession(graph, backend);
    const openMs = now() - openedAt;
    try {
      const ranAt = now();
      await session.run(inputsOf(MEASURED_TOKENS[0], hidden), MEASURED_TOKENS[0]);
      const firstMs = now() - ranAt;
      const layerMs: number[] = [];
      for (const tokens of MEASURED_TOKENS) layerMs.push(await this.#warmMs(session, tokens, hidden, lengthMs));
      return { openMs, firstMs, layerMs };
    } finally {
      await session.release();
    }
  }

  /** The median, after a run that is not counted: a length of its own may be compiled for. */
  async #warmMs(session: Session, tokens: number, hidden: number, lengthMs: number): Promise<number> {
    const { now } = this.parts;
    const inputs = inputsOf(tokens, hidden);
    const endAt = now() + lengthMs;
    await session.run(inputs, tokens);
    const times: number[] = [];
    while (times.length < RUNS.fewest || (times.length < RUNS.most && now() < endAt)) {
      times.push((await session.run(inputs, tokens)).computeMs);
    }
    return median(times) ?? Number.NaN;
  }

  /** What the check sentence is answered after as many layers as are asked for, or else as are here. */
  async #check(
    runtime: Runtime,
    { manifest, fetchFile, isHere }: BenchFiles,
    variant: string,
    backend: Backend,
    asked: number | undefined,
  ): Promise<CheckedLabels> {
    const { layers } = variantOf(manifest, variant);
    const count = asked ?? (await leading(layers, isHere));
    const embedded = await this.#embedded(runtime, { manifest, fetchFile, isHere });
    const { tokens } = embedded;
    let { data } = embedded;
    let logits: Float32Array = new Float32Array();
    for (const layer of layersUpTo(count)) {
      const file = layers[layer - 1];
      if (!file) break;
      const session = await runtime.createSession(await fetchFile(file), backend);
      const { outputs } = await session
        .run({ hidden_state: data, attention_mask: new Int32Array(tokens).fill(1) }, tokens)
        .finally(() => session.release());
      data = outputs.next_hidden_state ?? data;
      logits = outputs.logits ?? logits;
    }
    const labels = Object.values(manifest.tasks).map((task) => labelOf(taskLogits(task, logits)));
    return { layers: count, labels };
  }

  /** A look-up in a table, which runs on WASM whatever the layers run on; of the weights whose table is here. */
  async #embedded(runtime: Runtime, { manifest, fetchFile, isHere }: BenchFiles) {
    const tokenize = await lazyTokenizer(manifest, fetchFile).get();
    const { inputIds, tokenTypeIds } = tokenize([CHECK_SENTENCE]);
    const tables = Object.values(manifest.variants).map(({ embeddings }) => embeddings);
    const here = await Promise.all(tables.map(isHere));
    const smallest = [...tables].sort((one, other) => one.bytes - other.bytes)[0];
    const table = tables.find((_, index) => here[index]) ?? smallest;
    if (!table) throw new Error('The model has no weights.');
    const session = await runtime.createSession(await fetchFile(table), 'wasm');
    const { outputs } = await session
      .run({ input_ids: inputIds, token_type_ids: tokenTypeIds }, inputIds.length)
      .finally(() => session.release());
    return { data: outputs.hidden_state ?? new Float32Array(), tokens: inputIds.length };
  }
}

function firstLayer(manifest: Manifest, variant: string): ModelFile {
  const [first] = variantOf(manifest, variant).layers;
  if (first) return first;
  throw new Error(`The weights ${variant} have no layer.`);
}

async function leading(files: readonly ModelFile[], isHere: BenchFiles['isHere']): Promise<number> {
  const here = await Promise.all(files.map(isHere));
  const missing = here.indexOf(false);
  // The first has just been measured, whether or not this browser keeps files.
  return Math.max(missing === -1 ? files.length : missing, 1);
}

/** Numbers like those of a hidden state: of about 1, and none of them subnormal. */
function inputsOf(tokens: number, hidden: number): Inputs {
  const data = Float32Array.from({ length: tokens * hidden }, (_, index) => Math.sin(index + 1));
  return { hidden_state: data, attention_mask: new Int32Array(tokens).fill(1) };
}

function labelOf(logits: readonly number[]): number | null {
  const [first = Number.NaN, second = Number.NaN] = [...logits].sort((one, other) => other - one);
  return first - second >= CLEAR_MARGIN ? logits.indexOf(first) : null;
}

function checkOf(
  backend: Backend,
  labels: CheckedLabels | undefined,
  expected: CheckedLabels | undefined,
): MeasuredRow['check'] {
  if (backend === 'wasm') return 'reference';
  if (!labels || !expected) return 'unchecked';
  const isAlike = expected.labels.every((label, task) => label === null || label === labels.labels[task]);
  return isAlike ? 'same' : 'other';
}
