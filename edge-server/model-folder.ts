import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DimeeError } from '../core/errors';
import { type Manifest, type ModelFile, parseManifest } from '../core/model/manifest';

/** A model on disk. */
export class ModelFolder {
  private constructor(
    private readonly folder: string,
    readonly manifest: Manifest,
  ) {}

  /** @throws DimeeError `MODEL_UNAVAILABLE` without a readable manifest, `BAD_MANIFEST` for one that is not valid. */
  static async open(folder: string): Promise<ModelFolder> {
    const path = join(folder, 'manifest.json');
    const json = await readFile(path, 'utf8').catch((cause: unknown) => {
      throw new DimeeError('MODEL_UNAVAILABLE', `There is no model at ${path}. Choose another folder with --model.`, {
        cause,
      });
    });
    return new ModelFolder(folder, parseManifest(parseJson(json, path)));
  }

  /**
   * The bytes of a file of the model, once they are known to be those of the manifest.
   * @throws DimeeError `MODEL_UNAVAILABLE` for a missing file, `MODEL_FILE_DAMAGED` for one with other bytes.
   */
  async read({ path, sha256 }: ModelFile): Promise<Uint8Array> {
    const bytes = await readFile(join(this.folder, path)).catch((cause: unknown) => {
      throw new DimeeError('MODEL_UNAVAILABLE', `The model's file ${path} cannot be read.`, { cause });
    });
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found === sha256) return bytes;
    const message = `The model's file ${path} has SHA-256 ${found} where the manifest lists ${sha256}. Fetch it again.`;
    throw new DimeeError('MODEL_FILE_DAMAGED', message);
  }
}

function parseJson(json: string, path: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new DimeeError('BAD_MANIFEST', `${path} is not JSON.`, { cause });
  }
}
