import type { MeasuredRow } from '../../../core/device/measurement';
import type { DeviceProblem } from '../../device/Device.svelte';

type Kind = Exclude<DeviceProblem['kind'], 'failed'>;

const PROBLEMS: Readonly<Record<Kind, string>> = {
  busy: 'Sentences are running. Wait for them or stop them, and measure then: beside them the times would be of both.',
  cancelled: 'Cancelled: nothing of it was kept.',
  'gave way': 'Sentences began to run, so the measurement was ended and nothing of it was kept.',
};

const CHECKS: Readonly<Record<Exclude<MeasuredRow['check'], 'reference'>, string>> = {
  same: 'Same labels as WASM',
  other: 'Other labels than WASM: not chosen',
  unchecked: 'Labels not compared with WASM: not chosen',
};

/** How fast this device runs layers. */
export const device = {
  title: 'This device',
  measure: 'Measure this device',
  again: 'Measure again',
  what: 'About five seconds: WASM and WebGPU, threads and weights, each on short and long texts.',
  surveying: 'Looking what can be measured …',
  measuring: (done: number, of: number) => `Measuring ${done + 1} of ${of} …`,
  cancel: 'Cancel',
  ask: (bytes: string) => `Comparing all weights needs ${bytes} that are not in this browser yet.`,
  fetch: (bytes: string) => `Fetch ${bytes}`,
  without: 'Measure what is here',
  problems: PROBLEMS,
  measuredOn: (date: string) => `Measured on ${date}`,
  chosen: (configuration: string, ms: string, tokens: number) =>
    `${configuration} was the fastest: ${ms} a layer of ${tokens} tokens. “Automatic” takes it from the next visit on.`,
  chosenNow: (configuration: string, ms: string, tokens: number) =>
    `${configuration} was the fastest: ${ms} a layer of ${tokens} tokens. “Automatic” takes it.`,
  useNow: 'Use it now',
  forget: 'Forget',
  notKept: 'This browser keeps nothing for this page, so that it is forgotten with this visit.',
  noGpu: (reason: string) => `WebGPU was not measured. ${reason}`,
  skipped: (configuration: string, reason: string) => `${configuration} could not be measured: ${reason}`,
  configuration: ({ backend, threads, variant }: Pick<MeasuredRow, 'backend' | 'threads' | 'variant'>) =>
    backend === 'webgpu'
      ? `WebGPU · ${variant}`
      : `WASM · ${threads} ${threads === 1 ? 'thread' : 'threads'} · ${variant}`,
  checks: CHECKS,
  table: 'Time of a layer on this device',
  runtime: ({ backend, variant }: Pick<MeasuredRow, 'backend' | 'variant'>) =>
    `${backend === 'webgpu' ? 'WebGPU' : 'WASM'} · ${variant}`,
  threads: ({ backend, threads }: Pick<MeasuredRow, 'backend' | 'threads'>) =>
    backend === 'webgpu' ? 'on the GPU' : `${threads} ${threads === 1 ? 'thread' : 'threads'}`,
  columns: { runsOn: 'Runs on', cold: 'Cold', warm: 'Warm, by tokens', tokens: String, other: 'Other device' },
  coldHint: 'From opening a layer’s file to its first answer, once; the others are medians of warm runs, a layer each.',
  copyJson: 'Copy JSON',
  copyCsv: 'Copy CSV',
  copied: 'Copied',
  notCopied: 'The browser did not let it be copied.',
  compare: 'Compare with another device',
  paste: 'What “Copy JSON” gave there',
  otherModel: 'It was measured with other weights than this page has.',
  times: (factor: string) => `${factor} × as long there`,
  unknown: 'not measured there',
};
