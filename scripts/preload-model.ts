import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'vite';

interface ManifestPart {
  readonly tasks: Readonly<
    Record<string, { readonly traces: { readonly dev?: { readonly path: string; readonly sha256: string } } }>
  >;
}

/**
 * Has the browser fetch the manifest of the page's own model, and the recorded split that it shows first, while the scripts
 * that ask for them are still on their way. Addresses are those of `core/model/kept-files.ts`.
 */
export function preloadModel(models: string): Plugin {
  return {
    name: 'preload-model',
    apply: 'build',
    transformIndexHtml: async () =>
      (await firstFiles(models)).map((file) => ({
        tag: 'link',
        attrs: { rel: 'preload', as: 'fetch', crossorigin: '', href: `./models/${file}` },
        injectTo: 'head' as const,
      })),
  };
}

/** The name of the page's own model. */
export async function firstModel(models: string): Promise<string> {
  const [model] = await readdir(models);
  if (model === undefined) throw new Error(`There is no model in ${models}.`);
  return model;
}

async function firstFiles(models: string): Promise<readonly string[]> {
  const model = await firstModel(models);
  const manifest = JSON.parse(await readFile(join(models, model, 'manifest.json'), 'utf8')) as ManifestPart;
  const dev = Object.values(manifest.tasks)[0]?.traces.dev;
  return [`${model}/manifest.json`, ...(dev ? [`${model}/${dev.path}?sha=${dev.sha256.slice(0, 16)}`] : [])];
}
