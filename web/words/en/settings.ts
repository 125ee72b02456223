import { inEnglish } from '../../../core/lab/trial-words';

/** What can be set. Labels and hints of sliders stand with the fields and policies themselves; `named` has those of a language. */
export const settings = {
  named: (english: string) => english,
  /** A parameter in a line of them. */
  set: inEnglish,
  task: 'Task',
  calibrated: 'Calibrated thresholds',
  calibratedHint: 'Chosen on the calibration split for this task and the default split of layers',
  show: 'Show',
  auroc: {
    name: (auroc: string) => `AUROC ${auroc}`,
    hint: (layer: number) =>
      `How well confidence tells right answers from wrong ones on the calibration split, at the exit after layer ${layer}, the last of this tier: how likely a right answer is surer than a wrong one. 0.5 is not at all, 1 wholly.`,
  },
  twins:
    'With two classes, confidence, margin and entropy rank sentences alike: each threshold of one has its twin in the others.',
  split: {
    title: 'Which layers run where',
    none: 'none',
    rest: (layers: string) => `The cloud runs the rest: ${layers}.`,
  },
  costs: {
    title: 'Cost weights',
    unit: 'In [costUnit|units of one layer on the cloud]: λ for a layer, o for [offloading|a crossing] between tiers.',
    chart: 'What a sentence costs',
    chartName: 'Cost savings',
    axis: 'mean cost, in cloud layers',
    none: 'No costs yet.',
    allCloud: 'All cloud',
    offloading: 'Offloading',
    layersOf: { mobile: 'Layers on this device', edge: 'Edge layers', cloud: 'Cloud layers' },
    both: (all: string, policy: string, mean: string) => `All cloud: ${all}. ${policy}: ${mean}.`,
    saving: (share: string) => `Saving: ${share}.`,
    part: (name: string, cost: string) => `${name}: ${cost}.`,
  },
  network: {
    title: 'Network',
    note: 'Times and energy are modelled on this network. It does not slow down what runs here.',
    offline: 'Nothing crosses: this device runs every layer that a sentence needs.',
    layer: (tokens: number) => `One layer, for ${tokens} tokens`,
    takeMeasured: 'Take what was measured here',
    yours: 'The times above are yours.',
    sources: {
      sentences: (tiers: string) => `Measured on your sentences: ${tiers}.`,
      device: (tiers: string) => `Measured on this device: ${tiers}.`,
      assumed: (tiers: string) => `Assumed: ${tiers}.`,
    },
  },
  device: {
    title: 'Device and payload',
    backend: 'Backend',
    automatic: 'Automatic',
    weights: 'Weights',
    automaticWeights: (wasm: string, webgpu: string) => `Automatic: ${wasm} on WASM, ${webgpu} on WebGPU`,
    payload: 'Payload of a hidden state',
    coded: (bytes: string) => `coded, at most ${bytes} bytes a token`,
    plain: (kind: string, bytes: string) => `${kind}, ${bytes} bytes a token`,
    noCodecs: 'This model comes without the files that coded payloads need.',
    learned: (layers: string) => `This payload is learned for what comes after layers ${layers}.`,
    givesWay: (layers: string) =>
      `After layer ${layers}, where your split crosses too, hidden states are sent as int8.`,
    note: 'A [hiddenState|hidden state] is many times larger than its text. What early exits save is compute, load on the cloud, and the round trip of sentences that are settled here.',
  },
  texts: {
    tooMany: (lines: string) =>
      `${lines} lines, too many to edit here: the field shows where they begin. Run takes them all; select all and paste to replace them.`,
    clear: 'Clear',
    pair: 'Add a pair',
    first: 'First of a pair',
    second: 'Second of a pair',
    add: 'Add pair',
  },
};
