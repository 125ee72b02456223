import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Plugin } from 'vite';

const compress = promisify(brotliCompress);

/** Brotli effort: scripts and WASM are worth the time, weights are large and gain nothing from more. */
const QUALITY: readonly (readonly [RegExp, number])[] = [
  [/\.(m?js|css|html|svg|wasm)$/, 9],
  [/\.(onnx|json|bin)$/, 4],
];

/** Writes a `.br` beside every file of a build that shrinks by it, for the server to send as it is. */
export function precompress(): Plugin {
  let outDir = '';
  return {
    name: 'precompress',
    apply: 'build',
    configResolved(config) {
      outDir = config.build.outDir;
    },
    async closeBundle() {
      const files = (await readdir(outDir, { recursive: true })).values();
      const lane = async () => {
        for (const file of files) await compressFile(join(outDir, file));
      };
      await Promise.all([lane(), lane(), lane(), lane()]);
    },
  };
}

async function compressFile(path: string): Promise<void> {
  const quality = QUALITY.find(([pattern]) => pattern.test(path))?.[1];
  if (quality === undefined) return;
  const bytes = await readFile(path);
  const compressed = await compress(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: 22,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength,
    },
  });
  if (compressed.byteLength < 0.95 * bytes.byteLength) await writeFile(`${path}.br`, compressed);
}
