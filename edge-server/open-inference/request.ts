import { enteredAfter, type InferRequest } from '../../core/ladder/tier';
import { layerAfter } from '../../core/layers';
import type { HiddenState } from '../../core/hidden-state';
import type { Manifest } from '../../core/model/manifest';
import type { Tokens } from '../../core/model/tokens';
import { resolvePolicy } from '../../core/policies';
import type { InferParameters, ModelInferRequest } from './messages';
import { apart, bytesOf, float32Tensor, int64Tensor, type Tensor } from './tensors';

/** A sample as the engine takes it: whole, as tokens, or as a hidden state. */
export type Carried =
  | { readonly kind: 'tokens'; readonly tokens: Tokens }
  | { readonly kind: 'hiddenState'; readonly state: HiddenState }
  /** In the bytes that it was written in for the wire. */
  | { readonly kind: 'float16'; readonly payload: Uint8Array; readonly tokens: number; readonly hidden: number };

export interface Addressee {
  readonly manifest: Pick<Manifest, 'id' | 'hash' | 'layers'>;
  readonly variant: string;
}

/** Tokens of a sample, special ones included. */
export function lengthOf(carried: Carried): number {
  switch (carried.kind) {
    case 'tokens':
      return carried.tokens.inputIds.length;
    case 'hiddenState':
      return carried.state.tokens;
    case 'float16':
      return carried.tokens;
  }
}

/**
 * One sample as a message (`docs/open-inference.md`). The policy's parameters are all given, so that no engine needs to
 * know their defaults. @throws DimeeError `BAD_INPUT` for a policy or a parameter that there is not.
 */
export function inferMessage(
  request: InferRequest,
  carried: Carried,
  { manifest, variant }: Addressee,
  id: string,
): ModelInferRequest {
  const { heads, contents } = apart(inputsOf(request, carried));
  return {
    model_name: manifest.id,
    model_version: manifest.hash,
    id,
    parameters: parametersOf(request, variant, manifest.layers),
    inputs: heads,
    raw_input_contents: contents,
  };
}

function parametersOf(request: InferRequest, variant: string, layers: number): InferParameters {
  const { task, plan, policy: choice, rowSeed } = request;
  const { policy, parameters } = resolvePolicy(choice, layers);
  return {
    variant: { string_param: variant },
    task: { string_param: task },
    policy: { string_param: policy.id },
    policy_parameters: { string_param: JSON.stringify(parameters) },
    plan: { string_param: JSON.stringify(plan) },
    start_layer: { int64_param: layerAfter(enteredAfter(request)) },
    ...(rowSeed !== undefined && { row_seed: { int64_param: rowSeed } }),
  };
}

function inputsOf({ priorLogits }: InferRequest, carried: Carried): readonly Tensor[] {
  const tokens = lengthOf(carried);
  const [first] = priorLogits;
  return [
    ...sampleOf(carried),
    int64Tensor('attention_mask', [1, tokens], new Int32Array(tokens).fill(1)),
    ...(first ? [float32Tensor('prior_logits', [priorLogits.length, first.length], priorLogits.flat())] : []),
  ];
}

function sampleOf(carried: Carried): readonly Tensor[] {
  switch (carried.kind) {
    case 'tokens': {
      const { inputIds, tokenTypeIds } = carried.tokens;
      const shape = [1, inputIds.length];
      return [int64Tensor('input_ids', shape, inputIds), int64Tensor('token_type_ids', shape, tokenTypeIds)];
    }
    case 'hiddenState': {
      const { tokens, hidden, data } = carried.state;
      const contents = bytesOf(data);
      return [{ name: 'hidden_state', datatype: 'FP32', shape: [1, tokens, hidden], contents }];
    }
    case 'float16': {
      const { tokens, hidden, payload: contents } = carried;
      return [{ name: 'hidden_state', datatype: 'FP16', shape: [1, tokens, hidden], contents }];
    }
  }
}
