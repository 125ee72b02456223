import type { MeasureAnswer, MeasureRequest } from '../core/device/messages';
import { browserHost, chooseBackend, noRealGpu } from './backend';
import { DeviceBench } from './device-bench';
import { fetchManifest, openStore } from './open-model';
import { Onnx } from './onnx';
import { Progress } from './progress';

/** A worker that measures and ends: each asks for another runtime, or none. */
const bench = new DeviceBench({
  post: (answer: MeasureAnswer) => postMessage(answer),
  openFiles: async (manifestUrl) => {
    const { signal } = new AbortController();
    const manifest = await fetchManifest(manifestUrl, signal);
    const progress = new Progress(() => undefined);
    const store = await openStore(manifest, { manifestUrl, progress, onRepaired: () => undefined, signal });
    return {
      manifest,
      fetchFile: (file) => store.fetchFile(file),
      isHere: (file) => store.has(file),
    };
  },
  chooseBackend: (wanted) => chooseBackend(wanted, browserHost()),
  noRealGpu: () => noRealGpu(browserHost()),
  gpuRuntimeBytes: () => Onnx.missingBytes('webgpu'),
  startRuntime: (backend, threads) => Onnx.start(backend, threads, () => undefined),
  now: () => performance.now(),
});

addEventListener('message', ({ data }: MessageEvent<MeasureRequest>) => void bench.answer(data));
