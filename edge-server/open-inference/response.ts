import { DimeeError } from '../../core/errors';
import { enteredAfter, type InferRequest, type InferResult, type LayerStep } from '../../core/ladder/tier';
import { type LayerIndex, toLayer } from '../../core/layers';
import { type Manifest, taskOf } from '../../core/model/manifest';
import { at } from '../../core/numbers/at';
import { policyById } from '../../core/policies';
import type { ModelInferResponse } from './messages';
import { float32sOf, type Tensor, tensorIn } from './tensors';

/**
 * What an engine answered, once it is known to be an answer to the request.
 * @throws DimeeError `INTERNAL` that says what was expected and what came.
 */
export function resultOf(
  response: ModelInferResponse,
  request: InferRequest,
  manifest: Manifest,
  id: string,
): Pick<InferResult, 'steps' | 'queueMs'> {
  if (response.id !== id) throw badAnswer(`it must have the id of its request, “${id}”, not “${response.id}”.`);
  const entered = enteredAfter(request);
  const classes = taskOf(manifest, request.task).labels.length;
  const output = (name: string, shape: Parameters<typeof tensorIn>[2]['shape']) =>
    tensorIn(response.outputs, response.raw_output_contents, { name, datatype: 'FP32', shape }, (problem) =>
      badAnswer(`output ${problem}`),
    );
  const logits = output('logits', [[1, manifest.layers - entered], classes]);
  const layers = at(logits.shape, 0);
  checkExit(response, toLayer(entered + layers));
  const values = finite(logits);
  const computeMs = durations(output('compute_ms', [layers]));
  const needsSaturation = policyById(request.policy.id).needs.includes('saturation');
  const saturations = needsSaturation ? finite(output('saturation', [layers])) : undefined;
  const steps = Array.from({ length: layers }, (_, index): LayerStep => ({
    layer: toLayer(entered + index + 1),
    tier: 'cloud',
    logits: [...values.subarray(index * classes, (index + 1) * classes)],
    saturation: saturations?.[index],
    computeMs: at(computeMs, index),
  }));
  return { steps, queueMs: at(durations(output('queue_ms', [1])), 0) };
}

/** Where the sample left is told twice, so that an engine that counts otherwise is noticed. */
function checkExit({ parameters }: ModelInferResponse, exit: LayerIndex): void {
  const told = parameters['exit_layer']?.int64_param;
  if (told === exit) return;
  throw badAnswer(`parameter “exit_layer” must be ${exit}, the layer of the last logits, not ${told ?? 'missing'}.`);
}

function finite({ name, contents }: Tensor): Float32Array {
  const values = float32sOf(contents);
  if (values.every(Number.isFinite)) return values;
  throw badAnswer(`output “${name}” must be finite numbers, and is not.`);
}

function durations(tensor: Tensor): Float32Array {
  const values = finite(tensor);
  if (values.every((ms) => ms >= 0)) return values;
  throw badAnswer(`output “${tensor.name}” must be milliseconds of 0 or more, and is not.`);
}

function badAnswer(problem: string): DimeeError {
  return new DimeeError('INTERNAL', `The cloud’s engine gave no answer to what was asked: ${problem}`);
}
