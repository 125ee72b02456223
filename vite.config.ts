import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { BUILD_TARGETS, oldestBrowsers } from './scripts/oldest-browsers.ts';
import { edgeOfBuild } from './scripts/edge-of-build.ts';
import { firstPicture } from './scripts/first-picture.ts';
import { preloadModel } from './scripts/preload-model.ts';
import { ownScripts } from './scripts/own-scripts.ts';
import { precompress } from './scripts/precompress.ts';
import { unservedScripts } from './scripts/unserved-scripts.ts';

const room = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Threads in WASM need `SharedArrayBuffer`, which browsers grant to isolated pages only. The server sends the same. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * The tokeniser of transformers.js comes in one file with its models, which import an ONNX runtime of their own.
 * The page loads `onnxruntime-web` itself, so those imports end in an empty module.
 */
const withoutSecondRuntime = {
  name: 'without-second-runtime',
  enforce: 'pre' as const,
  resolveId: (id: string, importer?: string) =>
    /^onnxruntime-(web|common)/.test(id) && importer?.includes('@xenova/transformers') ? '\0no-runtime' : undefined,
  load: (id: string) =>
    id === '\0no-runtime'
      ? { code: 'export class Tensor {}; export const env = {}, InferenceSession = {};' }
      : undefined,
};

/** The runtime's modules end in `.mjs`. Many servers have no type for that, so that no browser would run them. */
const assetFileNames = ({ names: [name = ''] }: { readonly names: readonly string[] }) =>
  `assets/[name]-[hash]${name.endsWith('.mjs') ? '.js' : '[extname]'}`;

/** Packages that do nothing by being imported, and do not say so: of them the build takes what is used. */
const treeshake = {
  moduleSideEffects: (id: string) =>
    !/node_modules\/(@petamoriken\/float16|@tanstack\/virtual-core|d3-array)\//.test(id),
};

/** The service worker, which the page registers itself, and what makes the page installable. */
const offline = VitePWA({
  strategies: 'injectManifest',
  srcDir: '../worker/offline',
  filename: 'service-worker.ts',
  // Module workers came to Firefox late.
  injectManifest: {
    rollupFormat: 'iife',
    globPatterns: ['**/*.{js,css,html,woff2,svg,wasm}'],
    dontCacheBustURLsMatching: /^assets\//,
    // The runtimes: they are listed and not fetched, but for the one that is used.
    maximumFileSizeToCacheInBytes: 64e6,
  },
  injectRegister: null,
  includeManifestIcons: false,
  manifest: {
    name: 'DIMEE Playground',
    short_name: 'DIMEE',
    description: 'Watch sentences leave a neural network early, on the device, at the edge or in the cloud.',
    start_url: './',
    scope: './',
    display: 'standalone',
    background_color: '#f7f6f2',
    theme_color: '#f7f6f2',
    icons: [
      { src: 'icon.svg', type: 'image/svg+xml', sizes: 'any' },
      { src: 'icon-192.png', type: 'image/png', sizes: '192x192' },
      { src: 'icon-512.png', type: 'image/png', sizes: '512x512' },
      { src: 'icon-maskable-512.png', type: 'image/png', sizes: '512x512', purpose: 'maskable' },
    ],
  },
});

interface ModuleGraph {
  getModuleInfo(id: string): { readonly isEntry: boolean; readonly importers: readonly string[] } | null;
}

/** The page begins with one script, whatever of it others share: on a slow line each further file is a round trip. */
const oneStart = {
  name: (id: string, graph: ModuleGraph) => {
    const seen = new Set<string>();
    const isAtStart = (module: string): boolean => {
      if (seen.has(module)) return false;
      seen.add(module);
      const info = graph.getModuleInfo(module);
      return info !== null && (info.isEntry || info.importers.some(isAtStart));
    };
    return isAtStart(id) ? 'start' : null;
  },
};

export default defineConfig({
  root: room('web'),
  publicDir: room('public'),
  base: './',
  plugins: [
    withoutSecondRuntime,
    svelte({ configFile: false }),
    oldestBrowsers(),
    ownScripts(),
    unservedScripts(),
    preloadModel(room('public/models')),
    edgeOfBuild(process.env.DIMEE_EDGE_URL),
    firstPicture(room('public/models')),
    offline,
    precompress(),
  ],
  build: {
    outDir: room('dist'),
    emptyOutDir: true,
    target: BUILD_TARGETS,
    // Compressing takes most of a build's time, as it should; that needs no warning.
    rolldownOptions: {
      output: { assetFileNames, codeSplitting: { groups: [oneStart] } },
      treeshake,
      checks: { bundlerTimings: false },
    },
  },
  worker: { format: 'es', plugins: () => [withoutSecondRuntime], rolldownOptions: { output: { assetFileNames } } },
  optimizeDeps: { exclude: ['onnxruntime-web', '@xenova/transformers'] },
  server: {
    port: 5173,
    headers: isolation,
    proxy: {
      '/v1': { target: 'ws://localhost:8787', ws: true },
      '/api': 'http://localhost:8787',
      '/s/': 'http://localhost:8787',
    },
  },
  preview: { headers: isolation },
});
