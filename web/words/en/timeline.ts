import type { SpanName } from '../../../core/ladder/spans';
import type { TierName } from '../../../core/layers';
import type { Kind, Lane } from '../../timeline/timeline-view';

const LANES: Readonly<Record<Lane, string>> = {
  mobile: 'This device',
  wire: 'On the way',
  edge: 'Edge',
  cloud: 'Cloud',
};

const SPANS: Readonly<Record<Exclude<SpanName, 'layer'>, string>> = {
  tokenize: 'text into tokens',
  embed: 'tokens into vectors',
  queue: 'waiting for a turn',
  wait: 'waiting for the line',
  other: 'waiting for the model, and pauses',
  encode: 'writing the hidden state',
  decode: 'reading the hidden state',
  'wire up': 'on the way up',
  'wire down': 'on the way back',
  'decode answer': 'reading the answer',
};

const OTHERS: Readonly<Record<Exclude<Kind, 'layers'>, string>> = {
  text: 'reading the text',
  payload: 'writing and reading what crosses',
  wire: 'on the way',
  waiting: 'waiting',
};

/** Where a sentence's milliseconds went. */
export const timeline = {
  title: 'Where the time went',
  lanes: LANES,
  span: (name: SpanName, layer: number | undefined) => (name === 'layer' ? `layer ${layer}` : SPANS[name]),
  layersOn: { mobile: 'layers here', edge: 'layers at the edge', cloud: 'layers in the cloud' } as Readonly<
    Record<TierName, string>
  >,
  others: OTHERS,
  total: (total: string) => `${total} from its turn to its answer`,
  moment: (span: string, lane: string, duration: string, start: string) =>
    `${span} · ${lane} · ${duration}, after ${start}`,
  hint: 'Point at a part, or step through with the arrow keys.',
  beyond: 'Pale layers ran for earlier settings; this sentence is settled before them now.',
  again: (runs: number) => `It was taken on ${runs} times; the rest in between is left out.`,
  silent: (tiers: string) => `${tiers} did not report its own waiting and reading: they count as on the way.`,
  clocks:
    'Clocks of different machines are never compared: what a farther tier reports lies within the round trip to it, and what is left of that was on the way, half up and half back. Within a machine the order is known, and its pauses are drawn before its layers.',
  table: 'As a table',
  columns: { part: 'Part', where: 'Where', start: 'From', duration: 'Takes' },
  save: 'Timeline for Perfetto (JSON)',
  saveHint: 'Every sentence of the run as Trace Event JSON, which ui.perfetto.dev opens',
};
