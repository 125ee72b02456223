import type { InferRequest } from '../../core/ladder/tier';
import { type Plan, toLayer } from '../../core/layers';
import { type Manifest, taskOf } from '../../core/model/manifest';
import type { LayerRuntime } from '../../core/model/layer-runtime';
import type { Texts } from '../../core/model/tokens';
import type { PayloadDtype } from '../../core/payload/dtypes';
import type { StateCodecs } from '../../core/payload/state-codecs';
import type { PolicyChoice } from '../../core/policies';
import { encodeTensorFrame } from '../../core/protocol/tensor-frame';
import { firstLayers } from '../../core/testing/first-layers';

/** A sample to be made. */
export interface SampleRow {
  readonly task: string;
  readonly tokens: number;
  readonly policy: PolicyChoice;
}

/** A sample that is sent over and over: its request, and the tensor frame of its hidden state where it has one. */
export interface LoadSample {
  readonly request: Omit<InferRequest, 'sampleKey' | 'deadlineMs'>;
  readonly frame: Uint8Array<ArrayBuffer> | undefined;
}

export interface SamplesOptions {
  readonly manifest: Manifest;
  /** As a text, whose first layers are the edge's too, or as a hidden state that the mobile tier has computed. */
  readonly from: 'text' | 'layer';
  readonly plan: Plan;
  readonly payload: PayloadDtype;
  /** For hidden states. */
  readonly runtime: LayerRuntime;
  readonly codecs: StateCodecs;
}

/** Words that the tokeniser keeps whole. */
const WORDS =
  'the film was warm and slow but its end came too soon for us so we went home in the rain and had tea with an old friend who did not like it at all'.split(
    ' ',
  );
/** Of a text, and of a pair. */
const SPECIAL_TOKENS = { single: 2, pair: 3 };

/** Every sample leaves at this layer, whatever its exits say. */
export function leavingAt(depth: number): PolicyChoice {
  return { id: 'fixed-exit', parameters: { depth } };
}

/** Samples of sentences of our own, one for each row. */
export async function loadSamples(rows: readonly SampleRow[], options: SamplesOptions): Promise<LoadSample[]> {
  const samples: LoadSample[] = [];
  for (const [index, row] of rows.entries()) samples.push(await loadSample(index, row, options));
  return samples;
}

async function loadSample(
  index: number,
  { task, tokens, policy }: SampleRow,
  options: SamplesOptions,
): Promise<LoadSample> {
  const { manifest, from, plan, payload } = options;
  const texts = textsOf(tokens, index, taskOf(manifest, task).pair);
  const asked = { task, policy, plan, rowSeed: index, payloadDtype: payload };
  if (from === 'text') {
    return { request: { ...asked, priorLogits: [], input: { kind: 'text', texts }, standIn: true }, frame: undefined };
  }
  return climbed(texts, asked, options);
}

/** The sample as the mobile tier sends it on after its last layer. */
async function climbed(
  texts: Texts,
  asked: Pick<InferRequest, 'task' | 'policy' | 'plan' | 'rowSeed' | 'payloadDtype'>,
  { manifest, runtime, codecs }: SamplesOptions,
): Promise<LoadSample> {
  const { task, plan, payloadDtype } = asked;
  const { state, priorLogits } = await firstLayers(runtime, taskOf(manifest, task), texts, plan.mobileLayers);
  const dtype = await codecs.dtypeAfter(toLayer(plan.mobileLayers), payloadDtype);
  const frame = encodeTensorFrame({ requestId: 0, startLayer: toLayer(plan.mobileLayers + 1), dtype, state });
  return { request: { ...asked, priorLogits, input: { kind: 'hiddenState', state } }, frame };
}

/** One or two texts of so many tokens together, each sample's from another word on. */
export function textsOf(length: number, index: number, isPair: boolean): Texts {
  const words = (count: number, from: number) =>
    Array.from({ length: count }, (_, word) => WORDS[(from + word) % WORDS.length]).join(' ');
  if (!isPair) return [words(Math.max(length - SPECIAL_TOKENS.single, 1), index)];
  const both = Math.max(length - SPECIAL_TOKENS.pair, 2);
  const first = Math.ceil(both / 2);
  return [words(first, index), words(both - first, index + first)];
}
