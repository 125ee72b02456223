import { type Manifest, type ModelFile, variantOf } from './manifest';

/** The browser's cache of model files. They are kept by their hash: each once, whoever has fetched it. */
export const MODEL_CACHE = 'dimee-model-files';

/** Under which address a file is kept. The folder of the model is in it: what another deployment keeps is its own. */
export function keptAt({ sha256 }: Pick<ModelFile, 'sha256'>, manifestUrl: string): string {
  return new URL(sha256, manifestUrl).href;
}

/**
 * An entry without a body, put once the file beside it is there. A page that is left while a file is being kept may leave
 * a part of it under its address (Firefox does): without this mark it counts as not kept.
 */
export function markedAt(file: Pick<ModelFile, 'sha256'>, manifestUrl: string): string {
  return `${keptAt(file, manifestUrl)}?whole`;
}

/** Keeps a file, and marks it once all of it is there. A full disk is no reason to fail: it is fetched again next time. */
export async function keep(
  cache: Pick<Cache, 'put'>,
  file: ModelFile,
  manifestUrl: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const isKept = cache.put(keptAt(file, manifestUrl), new Response(bytes)).then(
    () => true,
    () => false,
  );
  if (await isKept) await mark(cache, file, manifestUrl);
}

/** Marks a kept file that was found to be whole. */
export async function mark(cache: Pick<Cache, 'put'>, file: ModelFile, manifestUrl: string): Promise<void> {
  await cache.put(markedAt(file, manifestUrl), new Response()).catch(() => undefined);
}

/** Where a file is fetched from. Its address changes with its bytes, so that no cache brings an old one. */
export function fetchedFrom({ path, sha256 }: ModelFile, manifestUrl: string): URL {
  return new URL(`${path}?sha=${sha256.slice(0, 16)}`, manifestUrl);
}

/** Every file of a model that a browser may come to keep. */
export function keepableFiles(manifest: Manifest): readonly ModelFile[] {
  const ofVariants = Object.keys(manifest.variants).flatMap((variant) => networkFiles(manifest, variant));
  return [...ofVariants, ...taskFiles(manifest), ...manifest.codecs.map(({ file }) => file)];
}

/** What a device needs to run all layers of a variant. */
export function networkFiles(manifest: Manifest, variant: string): readonly ModelFile[] {
  const { embeddings, layers } = variantOf(manifest, variant);
  return [manifest.tokenizer, embeddings, ...layers];
}

/** What the page shows and fits for every task: recorded runs, and what policies were fitted to. */
export function taskFiles({ tasks }: Manifest): readonly ModelFile[] {
  return Object.values(tasks).flatMap(({ policyData, traces }) => [
    ...Object.values(traces),
    ...(policyData ? [policyData] : []),
  ]);
}
