import { type TimedSample, traceFile } from '../../core/timeline/trace-events';
import { download } from '../charts/download';
import { breathe } from '../state/breathe';
import type { Sentences } from '../state/Sentences.svelte';
import type { Settings } from '../state/Settings.svelte';

/** Parts joined between two breaths, some milliseconds of work. */
const PARTS_A_BREATH = 5000;

/** Saves where the milliseconds of every sentence shown went, as Trace Event JSON: `dimee-<task>-timeline.json`. */
export async function saveTimeline(sentences: Pick<Sentences, 'snapshot'>, settings: Settings): Promise<void> {
  const { fields, task } = settings;
  download(`dimee-${fields.task}-timeline.json`, await timelineFile(timedRows(sentences), task.labels));
}

/** Lines that have run, by their numbers; a sentence that stands on several lines has run once, for the first of them. */
function timedRows(sentences: Pick<Sentences, 'snapshot'>): readonly TimedSample[] {
  const { count, rowAt } = sentences.snapshot();
  const seen = new Set<string>();
  return Array.from({ length: count }, (_, index): TimedSample | [] => {
    const row = rowAt(index);
    if (!row || row.climbed.runs.length === 0 || seen.has(row.sampleKey)) return [];
    seen.add(row.sampleKey);
    const { runs, exits } = row.climbed;
    return { name: `sentence ${index + 1}`, runs, exits, exitLayer: row.outcome?.exit.layer };
  }).flat();
}

/** Written part by part, so that the page keeps answering. */
export async function timelineFile(samples: readonly TimedSample[], labels: readonly string[]): Promise<Blob> {
  const parts: string[] = [];
  for (const part of traceFile(samples, labels)) {
    parts.push(part);
    if (parts.length % PARTS_A_BREATH === 0) await breathe();
  }
  return new Blob(parts, { type: 'application/json' });
}
