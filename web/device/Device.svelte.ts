import { DimeeError } from '../../core/errors';
import {
  type DeviceMeasurement,
  fastestOf,
  isSame,
  MEASURED_TOKENS,
  type MeasuredRow,
  referenceMs,
  type SkippedRow,
  type Station,
  stationsOf,
  type Survey,
  type SurveyedVariant,
} from '../../core/device/measurement';
import type { CheckedLabels, MeasureAnswer, MeasureRequest } from '../../core/device/messages';
import { isOfDevice, jsonOfDevice, parseDevice } from '../../core/device/record';
import { defaultVariantOf, type Manifest } from '../../core/model/manifest';
import type { LoadMessage } from '../../core/protocol/page-messages';
import { type MeasureWorker, askWorker } from './measure-worker';

/** Where a measurement is kept between visits. */
export type DeviceStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export interface DeviceOptions {
  readonly manifest: Manifest;
  readonly manifestUrl: string;
  readonly navigator: Pick<Navigator, 'userAgent' | 'hardwareConcurrency'>;
  /** Undefined where the browser keeps nothing. */
  readonly store: DeviceStore | undefined;
  readonly startWorker: () => MeasureWorker;
  /** Whether sentences run, which a measurement must not share the processor with. */
  readonly isBusy: () => boolean;
  /** The time of day, to say when it was measured. */
  readonly now: () => Date;
}

/** What the page is about. `asking`: files would have to be fetched, and the person has not said yes. */
export type DevicePhase = 'idle' | 'surveying' | 'asking' | 'measuring';

/** Why the last measurement did not end well. */
export type DeviceProblem =
  { readonly kind: 'busy' | 'cancelled' | 'gave way' } | { readonly kind: 'failed'; readonly message: string };

const STORE_KEY = 'dimee-device';
/** Of all warm runs together; starting runtimes and opening files come on top. */
const WARM_MS = 3500;

/** How fast this device runs layers: measured when the person asks, kept for the next visits. */
export class Device {
  #phase: DevicePhase = $state('idle');
  #survey: Survey | undefined = $state.raw();
  #rows: readonly MeasuredRow[] = $state.raw([]);
  #skipped: readonly SkippedRow[] = $state.raw([]);
  #stationsDone = $state(0);
  #problem: DeviceProblem | undefined = $state.raw();
  #kept: DeviceMeasurement | undefined = $state.raw();
  #isKeptHere = $state(true);
  #abort: AbortController | undefined;

  constructor(private readonly options: DeviceOptions) {
    this.#kept = this.#read();
  }

  get phase() {
    return this.#phase;
  }

  get survey() {
    return this.#survey;
  }

  get problem() {
    return this.#problem;
  }

  /** What has been measured: now, or else at an earlier time. */
  get rows(): readonly MeasuredRow[] {
    return this.#phase === 'measuring' ? this.#rows : (this.#kept?.rows ?? []);
  }

  get skipped(): readonly SkippedRow[] {
    return this.#phase === 'measuring' ? this.#skipped : (this.#kept?.skipped ?? []);
  }

  /** The whole last measurement. */
  get kept() {
    return this.#kept;
  }

  /** Whether the browser has kept it for the next visit. */
  get isKeptHere() {
    return this.#isKeptHere;
  }

  /** Of the measurement under way, 0 to 1. */
  get progress(): number {
    return this.#survey ? this.#stationsDone / stationsOf(this.#survey).length : 0;
  }

  /** What the page takes by itself. */
  readonly choice: MeasuredRow | undefined = $derived.by(() => fastestOf(this.#kept?.rows ?? []));

  /** Measured milliseconds of a layer of `REFERENCE_TOKENS` tokens in the configuration that is chosen. */
  readonly layerMs: number | undefined = $derived.by(() => this.choice && referenceMs(this.choice));

  /** Files to be fetched by a measurement of all weights. */
  readonly missingBytes: number = $derived.by(() => {
    const { commonBytes = 0, variants = [] } = this.#survey ?? {};
    return variants.reduce((sum, { missingBytes }) => sum + missingBytes, commonBytes);
  });

  /** Some weights are here, so that nothing has to be fetched for those. */
  readonly hasSomeHere: boolean = $derived.by(() => this.#survey?.variants.some(isHere) ?? false);

  /** What of a load follows from the measurement, where everything is chosen by the page itself. */
  loadChoice(): Pick<LoadMessage, 'backend' | 'threads' | 'variant' | 'adapter'> | undefined {
    const { choice } = this;
    if (!choice) return undefined;
    const { backend, threads, variant } = choice;
    const isUsual = defaultVariantOf(this.options.manifest, backend) === variant;
    return {
      ...{ backend, threads, variant: isUsual ? 'auto' : variant },
      adapter: backend === 'webgpu' ? this.#kept?.adapter : undefined,
    };
  }

  /** Looks what there is to measure, and goes on unless files would have to be fetched. */
  async measure(): Promise<void> {
    if (this.#phase !== 'idle') return;
    if (this.options.isBusy()) return this.#end({ kind: 'busy' });
    const { signal } = (this.#abort = new AbortController());
    this.#phase = 'surveying';
    this.#problem = undefined;
    try {
      const answers = this.#ask({ type: 'survey', manifestUrl: this.options.manifestUrl }, signal);
      for await (const answer of answers) if (answer.type === 'surveyed') this.#survey = answer.survey;
      if (!this.#survey) throw new DimeeError('INTERNAL', 'The survey of this device gave nothing.');
      if (this.missingBytes > 0) this.#phase = 'asking';
      else await this.#measureAll(this.#survey, signal);
    } catch (error) {
      this.#failed(error, signal);
    }
  }

  /** The answer to the question for files: all weights, or those alone that are here. */
  async goOn(answer: 'fetch' | 'without'): Promise<void> {
    const [survey, signal] = [this.#survey, this.#abort?.signal];
    if (this.#phase !== 'asking' || !survey || !signal) return;
    try {
      await this.#measureAll(answer === 'fetch' ? survey : whatIsHere(survey), signal);
    } catch (error) {
      this.#failed(error, signal);
    }
  }

  cancel(): void {
    this.#stop({ kind: 'cancelled' });
  }

  /** To be told that sentences run: what is measured beside them would be of both. */
  giveWay(): void {
    if (this.#phase === 'measuring') this.#stop({ kind: 'gave way' });
  }

  /** The page chooses as if nothing had been measured. */
  forget(): void {
    this.#kept = undefined;
    this.#problem = undefined;
    try {
      this.options.store?.removeItem(STORE_KEY);
    } catch {
      // What cannot be written cannot have been kept.
    }
  }

  #stop(problem: DeviceProblem): void {
    this.#abort?.abort();
    if (this.#phase !== 'idle') this.#end(problem);
  }

  #end(problem: DeviceProblem | undefined): void {
    this.#phase = 'idle';
    this.#problem = problem;
  }

  #failed(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#end({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }

  /** Stations one after the other: two at once would measure each other. */
  async #measureAll(survey: Survey, signal: AbortSignal): Promise<void> {
    const variants = survey.variants.map(({ id }) => id);
    this.#survey = survey;
    this.#phase = 'measuring';
    this.#rows = this.#skipped = [];
    this.#stationsDone = 0;
    const expected: Record<string, CheckedLabels> = {};
    const stations = stationsOf(survey);
    const lengthMs = WARM_MS / (stations.length * variants.length * MEASURED_TOKENS.length);
    const hasGpu = survey.adapter !== undefined;
    for (const station of stations) {
      // WASM answers the check once, at its fastest, before WebGPU is compared with it.
      const isChecked = hasGpu && (station.backend === 'webgpu' || station.threads === survey.threads);
      const { manifestUrl } = this.options;
      await this.#measureStation(
        { type: 'measure', manifestUrl, station, variants, lengthMs, isChecked, expected: { ...expected } },
        expected,
        signal,
      );
      this.#stationsDone++;
    }
    this.#keep(survey.adapter);
    this.#end(undefined);
  }

  async #measureStation(
    request: Extract<MeasureRequest, { type: 'measure' }>,
    expected: Record<string, CheckedLabels>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      for await (const answer of this.#ask(request, signal)) {
        if (answer.type === 'measured') {
          this.#rows = [...this.#rows, answer.row];
          if (answer.labels && answer.row.check === 'reference') expected[answer.row.variant] = answer.labels;
        }
        if (answer.type === 'skipped') this.#skipped = [...this.#skipped, answer.row];
      }
    } catch (error) {
      signal.throwIfAborted();
      this.#skip(request.station, request.variants, error instanceof Error ? error.message : String(error));
    }
  }

  /** What of a station has no row yet. */
  #skip(station: Station, variants: readonly string[], reason: string): void {
    const all = variants.map((variant) => ({ ...station, variant, reason }));
    const open = all.filter((one) => !this.#rows.some((row) => isSame(row, one)));
    this.#skipped = [...this.#skipped, ...open];
  }

  #ask(request: MeasureRequest, signal: AbortSignal): AsyncGenerator<MeasureAnswer> {
    return askWorker(this.options.startWorker, request, signal);
  }

  get #here() {
    const { manifest, navigator } = this.options;
    const { userAgent, hardwareConcurrency: cores } = navigator;
    return { userAgent, cores, model: { id: manifest.id, hash: manifest.hash } };
  }

  #keep(adapter: string | undefined): void {
    const [first] = this.#skipped;
    if (this.#rows.length === 0) throw new DimeeError('INTERNAL', first?.reason ?? 'Nothing could be measured.');
    const measuredAt = this.options.now().toISOString();
    const kept = { measuredAt, ...this.#here, adapter, rows: this.#rows, skipped: this.#skipped };
    this.#kept = kept;
    try {
      this.options.store?.setItem(STORE_KEY, jsonOfDevice(kept));
      this.#isKeptHere = this.options.store !== undefined;
    } catch {
      this.#isKeptHere = false;
    }
  }

  /** What was kept of this device, this browser and this model; undefined for anything else. */
  #read(): DeviceMeasurement | undefined {
    try {
      const json = this.options.store?.getItem(STORE_KEY);
      const kept = json == null ? undefined : parseDevice(json);
      return kept && isOfDevice(kept, this.#here) ? kept : undefined;
    } catch {
      return undefined;
    }
  }
}

/** Without what would have to be fetched: its files, and WebGPU with its runtime and its check. */
function whatIsHere(survey: Survey): Survey {
  const here = { ...survey, variants: survey.variants.filter(isHere), commonBytes: 0 };
  return survey.commonBytes > 0 ? { ...here, adapter: undefined, noGpu: 'What it needs was not fetched.' } : here;
}

function isHere({ missingBytes }: SurveyedVariant): boolean {
  return missingBytes === 0;
}
