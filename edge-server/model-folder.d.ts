import { type Manifest, type ModelFile } from '../core/model/manifest';
/** A model on disk. */
export declare class ModelFolder {
    private readonly folder;
    readonly manifest: Manifest;
    private constructor();
    /** @throws DimeeError `MODEL_UNAVAILABLE` without a readable manifest, `BAD_MANIFEST` for one that is not valid. */
    static open(folder: string): Promise<ModelFolder>;
    /**
     * The bytes of a file of the model, once they are known to be those of the manifest.
     * @throws DimeeError `MODEL_UNAVAILABLE` for a missing file, `MODEL_FILE_DAMAGED` for one with other bytes.
     */
    read({ path, sha256 }: ModelFile): Promise<Uint8Array>;
}
