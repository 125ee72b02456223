import { type Inputs, type Session } from '../core/model/onnx-layers';
export declare const RUNTIME_CHOICES: readonly ["auto", "native", "wasm"];
/** `auto` takes the native runtime where there is one for this machine. */
export type RuntimeChoice = (typeof RUNTIME_CHOICES)[number];
/** A graph that takes rows of the same length, one behind the other in each input. */
export interface BatchSession extends Session {
    run(inputs: Inputs, tokens: number, rows?: number): ReturnType<Session['run']>;
}
/** An ONNX runtime that is loaded: the only door to it here. */
export declare class Onnx {
    #private;
    readonly name: 'native' | 'wasm';
    /** Why it is not the native one, where that was wanted. */
    readonly fallback: string | undefined;
    private readonly runtime;
    private readonly options;
    private constructor();
    /**
     * There is no native runtime for some machines (Intel Macs, Alpine and other Linux without glibc): there the WASM one
     * computes, as in a browser.
     * @param threads within a layer.
     * @throws DimeeError `MODEL_UNAVAILABLE` where `choice` cannot be loaded.
     */
    static load(choice: RuntimeChoice, threads: number): Promise<Onnx>;
    /**
     * One ONNX graph. Opening takes about 25 ms for a layer, on the JavaScript thread, where it runs, too.
     * @param graph the model file; copied.
     * @throws DimeeError `MODEL_UNAVAILABLE` where the runtime cannot read it.
     */
    openSession(graph: Uint8Array): Promise<BatchSession>;
}
