import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const toBrotli = promisify(brotliCompress);
const toGzip = promisify(gzip);

const SCRIPTS = /\.(js|css|html|svg|wasm)$/;
const WEIGHTS = /\.(onnx|json|bin)$/;

/**
 * Writes a `.br` beside every file of a build that shrinks by it, for the server to send as it is. Scripts and WASM are
 * worth the time; weights are large and gain nothing from more effort. Browsers take no Brotli over plain http from
 * another machine, so scripts and WASM, which shrink the most, get a `.gz` too.
 */
export function precompress(): Plugin {
  let outDir = '';
  return {
    name: 'precompress',
    apply: 'build',
    configResolved(config) {
      outDir = config.build.outDir;
    },
    // After the service worker has been written, which comes in the same place.
    closeBundle: { order: 'post', sequential: true, handler: compressAll },
  };

  async function compressAll(): Promise<void> {
    const files = (await readdir(outDir, { recursive: true })).values();
    const lane = async () => {
      for (const file of files) await compressFile(join(outDir, file));
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
  }
}

async function compressFile(path: string): Promise<void> {
  const isScript = SCRIPTS.test(path);
  if (!isScript && !WEIGHTS.test(path)) return;
  const bytes = await readFile(path);
  if (isScript) await writeFile(`${path}.gz`, await toGzip(bytes));
  const compressed = await toBrotli(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: isScript ? 9 : 4,
      [constants.BROTLI_PARAM_LGWIN]: 22,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength,
    },
  });
  if (compressed.byteLength < 0.95 * bytes.byteLength) await writeFile(`${path}.br`, compressed);
}
