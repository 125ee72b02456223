import { OnnxLayers } from '../core/model/onnx-layers';
import type { ModelFolder } from './model-folder';
import { Onnx, type RuntimeChoice } from './onnx';
export interface RuntimesOptions {
    /** Threads within a layer. */
    readonly threads: number;
    readonly runtime?: RuntimeChoice;
    /** Hears where another ONNX runtime had to be taken than was wanted, and why. */
    readonly say?: (sentence: string) => void;
}
/** The runtimes of a model's variants, made when first asked for; they share the tokeniser. */
export declare class OnnxRuntimes {
    #private;
    private readonly model;
    constructor(model: ModelFolder, { threads, runtime, say }: RuntimesOptions);
    /** The ONNX runtime that computes, once one does. */
    get runtimeName(): Onnx['name'] | undefined;
    /** @throws DimeeError `BAD_INPUT` for a variant the model does not come in. */
    of(variant: string): OnnxLayers;
    /** Layers loaded, by variant. */
    get layersLoaded(): Readonly<Record<string, number>>;
}
