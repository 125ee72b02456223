import type { LoadMessage } from '../../core/protocol/page-messages';
import type { MessageOf } from './open-runs';

/** How much less than it was asked for a device is trusted with, after what has become of its workers. */
export type DeviceLimits = Partial<Pick<LoadMessage, 'backend' | 'variant' | 'threads' | 'edgeAlone'>>;

/** A step down, and what is said of it. */
export interface StepDown {
  readonly limits: DeviceLimits;
  readonly words: string;
}

/**
 * What to try after a worker that ended for a reason: WASM in place of WebGPU, with the same weights, so that numbers stay
 * the same; then one thread; then the edge alone, where there is one. Undefined where there is nothing less.
 */
export function stepDown(
  limits: DeviceLimits,
  backend: MessageOf<'backend'> | undefined,
  hasEdge: boolean,
  reason: string,
): StepDown | undefined {
  if (limits.edgeAlone !== undefined) return undefined;
  if (backend?.backend === 'webgpu') {
    return { limits: { backend: 'wasm', variant: backend.variant }, words: 'The layers run on WASM now.' };
  }
  if (backend && backend.threads > 1) {
    return { limits: { ...limits, threads: 1 }, words: 'The layers run on one thread now.' };
  }
  if (!hasEdge) return undefined;
  return { limits: { ...limits, edgeAlone: reason }, words: 'The edge takes the texts now.' };
}
