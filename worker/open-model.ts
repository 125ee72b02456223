import { DimeeError } from '../core/errors';
import { defaultVariantOf, type Manifest, type ModelFile, parseManifest } from '../core/model/manifest';
import { lazyTokenizer, OnnxLayers, type OnnxLayersOptions } from '../core/model/onnx-layers';
import { StateCodecs } from '../core/payload/state-codecs';
import { PolicyFiles } from '../core/trace/policy-files';
import type { LoadMessage, WorkerMessage } from '../core/protocol/page-messages';
import { type BackendChoice, browserHost, chooseBackend } from './backend';
import { breathe } from './breathe';
import { ModelStore, type ModelStoreOptions, openFileCache } from './model-store';
import { Onnx } from './onnx';
import { Progress } from './progress';

/** A model of which layers can be asked for; their files are fetched then. */
export interface OpenedModel {
  readonly manifest: Manifest;
  readonly variant: string;
  readonly codecs: StateCodecs;
  readonly policyFiles?: PolicyFiles;
  readonly runtime: Pick<
    OnnxLayers,
    'tokenize' | 'embed' | 'runLayer' | 'prepare' | 'isReady' | 'dispose' | 'waitedMs'
  >;
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
  { manifestUrl, backend, variant: wanted, threads, adapter, edgeAlone }: LoadMessage,
  post: (message: WorkerMessage) => void,
  signal: AbortSignal,
): Promise<OpenedModel> {
  const [manifest, choice] = await Promise.all([
    fetchManifest(manifestUrl, signal),
    chooseBackend(backend, browserHost(), threads, adapter),
  ]);
  const variant = wanted === 'auto' ? defaultVariantOf(manifest, choice.backend) : wanted;
  const tellBackend = (really: BackendChoice) => post({ type: 'backend', variant, ...really });
  tellBackend(choice);
  const progress = new Progress(post);
  const onRepaired = (path: string) => post({ type: 'repaired', path });
  const store = await openStore(manifest, { manifestUrl, progress, onRepaired, signal });
  const fetchFile = (file: ModelFile) => store.fetchFile(file);
  const runtime = new OnnxLayers({
    manifest,
    variant,
    tokenizer: lazyTokenizer(manifest, fetchFile),
    fetchFile,
    openSession: edgeAlone === undefined ? sessionOpener(choice, progress, tellBackend) : refuser(edgeAlone),
    warmUpLengths: WARM_UP_LENGTHS,
    breathe,
    now: () => performance.now(),
  });
  const codecs = new StateCodecs(manifest, (file) => store.fetchAtOnce(file));
  const policyFiles = new PolicyFiles(manifest, (file) => store.fetchAtOnce(file));
  return { manifest, variant, codecs, policyFiles, runtime, progress };
}

/** The model's files as this browser fetches and keeps them. */
export async function openStore(
  manifest: Manifest,
  options: Pick<ModelStoreOptions, 'manifestUrl' | 'progress' | 'onRepaired' | 'signal'>,
): Promise<ModelStore> {
  return new ModelStore({
    ...options,
    fetch: (...request) => fetch(...request),
    cache: await openFileCache(manifest, options.manifestUrl),
    // Absent on plain http, whatever the types say.
    subtle: (crypto as Partial<Crypto>).subtle,
  });
}

/** @throws DimeeError `MODEL_UNAVAILABLE` where there is none. */
export async function fetchManifest(url: string, signal: AbortSignal): Promise<Manifest> {
  const response = await fetch(url, { signal, cache: 'no-cache' }).catch((cause: unknown) => {
    throw new DimeeError('MODEL_UNAVAILABLE', `No server answers at ${url}.`, { retryable: true, cause });
  });
  if (!response.ok) throw new DimeeError('MODEL_UNAVAILABLE', `There is no model at ${url} (${response.status}).`);
  return parseManifest(await response.json().catch(() => undefined));
}

/**
 * Starts the ONNX runtime at once, while the first file is still on its way, and tells what it really runs on. The
 * embeddings are a look-up in a table, and always run on WASM.
 */
function sessionOpener(
  choice: BackendChoice,
  progress: Progress,
  tellBackend: (really: BackendChoice) => void,
): OnnxLayersOptions['openSession'] {
  const { backend, threads } = choice;
  const start = () =>
    Onnx.start(backend, threads, (bytes, isCached) => {
      progress.need(bytes);
      isCached ? progress.loadCached(bytes) : progress.load(bytes);
    });
  start().then(
    (onnx) => tellBackend(withThreads(choice, onnx.threads)),
    () => undefined,
  );
  return async (graph, part) => (await start()).createSession(graph, part === 'embeddings' ? 'wasm' : backend);
}

/** What is asked for no more than `threads` that run says why. */
function withThreads(choice: BackendChoice, threads: number): BackendChoice {
  if (threads >= choice.threads) return choice;
  const why = `This browser gives the runtime no shared memory, so it runs on one thread instead of ${choice.threads}.`;
  return { ...choice, threads, fallback: choice.fallback ? `${choice.fallback} ${why}` : why };
}

/** Opens nothing, for a device that shall not run layers. */
function refuser(reason: string): OnnxLayersOptions['openSession'] {
  return () => Promise.reject(new DimeeError('MODEL_UNAVAILABLE', reason));
}
