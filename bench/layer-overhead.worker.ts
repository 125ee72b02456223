import { InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { HeldStates } from '../core/ladder/held-states';
import { LadderTier } from '../core/ladder/ladder-tier';
import { Lazy } from '../core/lazy';
import { defaultVariantOf, type Manifest, parseManifest, variantOf } from '../core/model/manifest';
import { OnnxLayers } from '../core/model/onnx-layers';
import { breathe } from '../worker/breathe';
import { Onnx } from '../worker/onnx';

/** Milliseconds of each round, the two sides in turn. */
export interface Timings {
  readonly tokens: number;
  readonly worker: number[];
  readonly bare: number[];
}

const LAYERS = 4;
const ROUNDS = 80;
const TOKENS = [16, 32, 64];

addEventListener('message', ({ data }: MessageEvent<{ manifestUrl: string; threads: number }>) => void answer(data));

async function answer(data: { manifestUrl: string; threads: number }): Promise<void> {
  try {
    postMessage(await measure(data.manifestUrl, data.threads));
  } catch (error) {
    postMessage(String(error));
  }
}

async function measure(manifestUrl: string, threads: number): Promise<Timings[]> {
  const manifest = parseManifest(await (await fetch(manifestUrl)).json());
  const fetchFile = async ({ path }: { path: string }) =>
    new Uint8Array(await (await fetch(new URL(path, manifestUrl))).arrayBuffer());
  const onnx = await Onnx.start('wasm', threads, () => undefined);
  const variant = defaultVariantOf(manifest, 'wasm');
  const runtime = new OnnxLayers({
    manifest,
    variant,
    tokenizer: new Lazy(() => Promise.reject(new Error('No text is tokenised here.'))),
    fetchFile,
    openSession: (graph) => onnx.createSession(graph, 'wasm'),
    breathe,
    now: () => performance.now(),
  });
  const sessions: InferenceSession[] = [];
  for (const file of variantOf(manifest, variant).layers.slice(0, LAYERS)) {
    sessions.push(await InferenceSession.create(await fetchFile(file), { executionProviders: ['wasm'] }));
  }
  const all: Timings[] = [];
  for (const tokens of TOKENS) all.push(await inTurns(tokens, manifest, runtime, sessions));
  return all;
}

async function inTurns(
  tokens: number,
  manifest: Manifest,
  runtime: OnnxLayers,
  sessions: readonly InferenceSession[],
): Promise<Timings> {
  const data = Float32Array.from({ length: tokens * manifest.hidden }, (_, index) => Math.sin(index));
  const worker: number[] = [];
  const bare: number[] = [];
  for (let round = -10; round < ROUNDS; round++) {
    const workerMs = await timed(() => climb(tokens, data, manifest, runtime));
    const bareMs = await timed(() => runBare(tokens, data, sessions));
    if (round >= 0) [worker.push(workerMs), bare.push(bareMs)];
  }
  return { tokens, worker, bare };
}

/** The product's own way: the ladder with its exits, a policy, and the kept state. */
async function climb(tokens: number, data: Float32Array, manifest: Manifest, runtime: OnnxLayers) {
  const tier = new LadderTier({
    name: 'mobile',
    manifest,
    runtime,
    heldStates: new HeldStates(2 ** 20),
    schedule: (job) => job(),
    now: () => performance.now(),
  });
  const request = {
    sampleKey: 'bench',
    task: 'sst2',
    policy: { id: 'all-mobile', parameters: {} },
    plan: { mobileLayers: LAYERS, edgeLayers: LAYERS },
    priorLogits: [],
    input: { kind: 'hiddenState', state: { tokens, hidden: manifest.hidden, data } },
    payloadDtype: 'int8',
    deadlineMs: 60_000,
  } as const;
  await tier.infer(request, new AbortController().signal);
}

async function runBare(tokens: number, data: Float32Array, sessions: readonly InferenceSession[]) {
  const mask = new Tensor('int32', new Int32Array(tokens).fill(1), [1, tokens]);
  let state = new Tensor('float32', data, [1, tokens, data.length / tokens]);
  for (const session of sessions) {
    const { next_hidden_state: next } = await session.run({ hidden_state: state, attention_mask: mask });
    state = next as typeof state;
  }
}

async function timed(job: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await job();
  return performance.now() - startedAt;
}
