import { DimeeError } from '../core/errors';
import { defaultVariantOf, type Manifest, type ModelFile, parseManifest } from '../core/model/manifest';
import { lazyTokenizer, OnnxLayers, type OnnxLayersOptions } from '../core/model/onnx-layers';
import { StateCodecs } from '../core/payload/state-codecs';
import { PolicyFiles } from '../core/trace/policy-files';
import type { LoadMessage, WorkerMessage } from '../core/protocol/page-messages';
import { type BackendChoice, chooseBackend, type Host } from './backend';
import { breathe } from './breathe';
import { ModelStore, openFileCache } from './model-store';
import { Onnx } from './onnx';
import { Progress } from './progress';

/** A model of which layers can be asked for; their files are fetched then. */
export interface OpenedModel {
  readonly manifest: Manifest;
  readonly variant: string;
  readonly codecs: StateCodecs;
  readonly policyFiles?: PolicyFiles;
  readonly runtime: Pick<OnnxLayers, 'tokenize' | 'embed' | 'runLayer' | 'prepare' | 'dispose' | 'waitedMs'>;
  readonly progress: Pick<Progress, 'flush'>;
}

/**
 * WebGPU has shaders of their own for multiples of 4, even and odd lengths; on SwiftShader the first sample then takes
 * 0.7 s a layer instead of 3 to 12 s.
 */
const WARM_UP_LENGTHS = [16, 14, 15];

/**
 * Reads the manifest and chooses the backend; tells of `backend`, `progress` and `repaired`.
 * @throws DimeeError where there is no such model or variant.
 */
export async function openModel(
  { manifestUrl, backend, variant: wanted }: LoadMessage,
  post: (message: WorkerMessage) => void,
  signal: AbortSignal,
): Promise<OpenedModel> {
  const [manifest, choice] = await Promise.all([fetchManifest(manifestUrl, signal), chooseBackend(backend, browser())]);
  const variant = wanted === 'auto' ? defaultVariantOf(manifest, choice.backend) : wanted;
  post({ type: 'backend', variant, ...choice });
  const progress = new Progress(post);
  const store = new ModelStore({
    manifestUrl,
    fetch: (...request) => fetch(...request),
    cache: await openFileCache(manifest),
    // Absent on plain http, whatever the types say.
    subtle: (crypto as Partial<Crypto>).subtle,
    progress,
    onRepaired: (path) => post({ type: 'repaired', path }),
    signal,
  });
  const fetchFile = (file: ModelFile) => store.fetchFile(file);
  const runtime = new OnnxLayers({
    manifest,
    variant,
    tokenizer: lazyTokenizer(manifest, fetchFile),
    fetchFile,
    openSession: sessionOpener(choice, progress),
    warmUpLengths: WARM_UP_LENGTHS,
    breathe,
    now: () => performance.now(),
  });
  const codecs = new StateCodecs(manifest, (file) => store.fetchAtOnce(file));
  const policyFiles = new PolicyFiles(manifest, (file) => store.fetchAtOnce(file));
  return { manifest, variant, codecs, policyFiles, runtime, progress };
}

function browser(): Host {
  const { gpu, hardwareConcurrency } = navigator as WorkerNavigator & Partial<Pick<WorkerNavigator, 'gpu'>>;
  return { gpu, hardwareConcurrency, crossOriginIsolated };
}

async function fetchManifest(url: string, signal: AbortSignal): Promise<Manifest> {
  const response = await fetch(url, { signal, cache: 'no-cache' }).catch((cause: unknown) => {
    throw new DimeeError('MODEL_UNAVAILABLE', `No server answers at ${url}.`, { retryable: true, cause });
  });
  if (!response.ok) throw new DimeeError('MODEL_UNAVAILABLE', `There is no model at ${url} (${response.status}).`);
  return parseManifest(await response.json().catch(() => undefined));
}

/**
 * Starts the ONNX runtime at once, while the first file is still on its way. The embeddings are a look-up in a table, and
 * always run on WASM.
 */
function sessionOpener({ backend, threads }: BackendChoice, progress: Progress): OnnxLayersOptions['openSession'] {
  const start = () =>
    Onnx.start(backend, threads, (bytes, isCached) => {
      progress.need(bytes);
      isCached ? progress.loadCached(bytes) : progress.load(bytes);
    });
  start().catch(() => undefined);
  return async (graph, part) => (await start()).createSession(graph, part === 'embeddings' ? 'wasm' : backend);
}
