/*
 * Messages of `open_inference_grpc.proto`, as far as they are used here: fields by the standard's names, in the types that
 * the loader gives. What was not sent has protobuf's default.
 */

/** The value of a parameter: exactly one of them. */
export interface InferParameter {
  readonly bool_param?: boolean;
  readonly int64_param?: number;
  readonly string_param?: string;
  readonly double_param?: number;
}

export type InferParameters = Readonly<Record<string, InferParameter>>;

/** A tensor without its data, which stands in the message's raw contents. */
export interface TensorHead {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** Which model is meant; an empty version leaves it to the server. */
export interface ModelName {
  readonly name: string;
  readonly version: string;
}

export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorHead[];
  readonly outputs: readonly TensorHead[];
  readonly properties: Readonly<Record<string, string>>;
}

export interface ModelInferRequest {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: InferParameters;
  readonly inputs: readonly TensorHead[];
  readonly raw_input_contents: readonly Uint8Array[];
}

export interface ModelInferResponse {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: InferParameters;
  readonly outputs: readonly TensorHead[];
  readonly raw_output_contents: readonly Uint8Array[];
}

/** What is asked, and what comes back, by the name of the method. */
export interface Calls {
  readonly ServerLive: { readonly request: object; readonly response: { readonly live: boolean } };
  readonly ServerReady: { readonly request: object; readonly response: { readonly ready: boolean } };
  readonly ModelReady: { readonly request: ModelName; readonly response: { readonly ready: boolean } };
  readonly ServerMetadata: {
    readonly request: object;
    readonly response: { readonly name: string; readonly version: string; readonly extensions: readonly string[] };
  };
  readonly ModelMetadata: { readonly request: ModelName; readonly response: ModelMetadata };
  readonly ModelInfer: { readonly request: ModelInferRequest; readonly response: ModelInferResponse };
}
