import type { Backend } from '../core/protocol/page-messages';

/** What of the browser decides on the backend. */
export interface Host {
  readonly gpu: Pick<GPU, 'requestAdapter'> | undefined;
  readonly crossOriginIsolated: boolean;
  readonly hardwareConcurrency: number;
  /** The page came over https, or from this machine. */
  readonly isSecureContext: boolean;
  /** WebGPU has been tried out with the layers in browsers of this engine. */
  readonly isTriedOnGpu: boolean;
}

/** The backend to use, with the words for the page. */
export interface BackendChoice {
  readonly backend: Backend;
  /** Threads of the WASM runtime. */
  readonly threads: number;
  /** The GPU adapter in words, where WebGPU runs. */
  readonly adapter: string | undefined;
  /** Why it is not the backend one might expect. */
  readonly fallback: string | undefined;
}

/** More threads than this cost more in waiting for each other than they save on layers this small. */
const MOST_THREADS = 4;
/**
 * Left to the page. Where it had to share both of 2 cores with two threads, it drew 15 frames a second while results came in;
 * and they came no faster.
 */
const PAGE_CORES = 1;
/** Firefox may answer null at first, while its GPU process starts. Nothing is remembered: the next load asks again. */
const ADAPTER_TRIES = 3;
const TRY_AGAIN_MS = 150;

const PLAIN_HTTP =
  'This page came over plain http from another machine, so the browser gives it neither WebGPU nor threads, a store for the ' +
  'model or the clipboard. Open it over https, or on the server’s own machine.';

/**
 * Asks for an adapter rather than trusting `executionProviders: ['webgpu', 'wasm']`, which falls back without a word.
 * `auto` takes WebGPU only from real hardware, since on the CPU it is about fifty times slower than WASM, and only in
 * browsers in which that has been tried. `measured` is the adapter on which WebGPU was measured to be the fastest: another
 * one that answers is not taken on its word.
 */
export async function chooseBackend(
  wanted: Backend | 'auto',
  host: Host,
  threads = threadsFor(host),
  measured?: string,
): Promise<BackendChoice> {
  const wasm = (fallback?: string): BackendChoice => ({ backend: 'wasm', threads, adapter: undefined, fallback });
  if (!host.isSecureContext) return wasm(PLAIN_HTTP);
  if (wanted === 'wasm') return wasm();
  if (!host.gpu) return wasm('This browser has no WebGPU, so the layers run on WASM.');
  if (wanted === 'auto' && !host.isTriedOnGpu) {
    return wasm('WebGPU has not been tried in this browser, so the layers run on WASM. Choose WebGPU to try it.');
  }
  const adapter = await askForAdapter(host.gpu);
  if (!adapter) return wasm('No GPU adapter answers in this browser, so the layers run on WASM.');
  const words = describeAdapter(adapter);
  if (measured !== undefined && measured !== words) {
    return wasm(
      `WebGPU was measured on ${measured}, and ${words} answers now, so the layers run on WASM. Measure again.`,
    );
  }
  if (wanted === 'auto' && isSoftware(adapter)) {
    return wasm(`The only GPU adapter is software (${words}), so the layers run on WASM.`);
  }
  if (!(await givesDevice(adapter)))
    return wasm(`The GPU adapter (${words}) gives no device, so the layers run on WASM.`);
  return { backend: 'webgpu', threads, adapter: words, fallback: undefined };
}

/** This browser. */
export function browserHost(): Host {
  const { gpu, hardwareConcurrency, userAgentData } = navigator as WorkerNavigator &
    Partial<Pick<WorkerNavigator, 'gpu'>> & { userAgentData?: { brands: readonly { brand: string }[] } };
  const isTriedOnGpu = userAgentData?.brands.some(({ brand }) => brand === 'Chromium') === true;
  return { gpu, hardwareConcurrency, crossOriginIsolated, isSecureContext, isTriedOnGpu };
}

/** Why the GPU adapter is none to be measured; undefined where it is a real one. */
export async function noRealGpu({ gpu }: Pick<Host, 'gpu'>): Promise<string | undefined> {
  const adapter = gpu && (await askForAdapter(gpu));
  if (!adapter) return 'No GPU adapter answers in this browser.';
  return isSoftware(adapter) ? `The only GPU adapter is software (${describeAdapter(adapter)}).` : undefined;
}

function threadsFor({ crossOriginIsolated, hardwareConcurrency }: Host): number {
  return crossOriginIsolated ? Math.max(1, Math.min(MOST_THREADS, hardwareConcurrency - PAGE_CORES)) : 1;
}

async function askForAdapter(gpu: Pick<GPU, 'requestAdapter'>): Promise<GPUAdapter | undefined> {
  for (let attempt = 1; ; attempt++) {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
    if (adapter || attempt === ADAPTER_TRIES) return adapter ?? undefined;
    await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
  }
}

function describeAdapter({ info }: GPUAdapter): string {
  const words = [info.vendor, info.architecture, info.description || info.device].filter((word) => word !== '');
  return words.length > 0 ? words.join(', ') : 'an adapter without a name';
}

function isSoftware(adapter: GPUAdapter): boolean {
  const flagged = adapter.info.isFallbackAdapter || (adapter as { isFallbackAdapter?: boolean }).isFallbackAdapter;
  return flagged === true || /swiftshader|llvmpipe|lavapipe|basic render|software/i.test(describeAdapter(adapter));
}

async function givesDevice(adapter: GPUAdapter): Promise<boolean> {
  try {
    (await adapter.requestDevice()).destroy();
    return true;
  } catch {
    return false;
  }
}
