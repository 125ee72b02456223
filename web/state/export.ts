import type { Climbed } from '../../core/ladder/outcome';
import { breathe } from './breathe';
import type { Sentences } from './Sentences.svelte';
import type { Settings } from './Settings.svelte';
import { isSentAlone, type SentenceRow } from './shown-sentence';

/** Rows written at a time, some milliseconds of work. */
const ROWS_A_PART = 250;

/**
 * The results as JSON: what was asked, and for every sentence each exit's raw logits and where it left. Written part by
 * part, so that the page keeps answering.
 */
export async function exportResults(sentences: Pick<Sentences, 'snapshot'>, settings: Settings): Promise<Blob> {
  const { manifest, fields, policy, parameters, plan, costs, task } = settings;
  const asked = { task: fields.task, policy: policy.id, parameters, plan, costs, payloadDtype: fields.payload };
  const head = JSON.stringify({ model: { id: manifest.id, hash: manifest.hash }, ...asked }, null, 2);
  const { count, rowAt } = sentences.snapshot();
  const parts = [head.replace(/\n}$/, ',\n  "results": [\n')];
  for (let start = 0; start < count; start += ROWS_A_PART) {
    const end = Math.min(start + ROWS_A_PART, count);
    const rows = Array.from({ length: end - start }, (_, index) => rowAt(start + index));
    const lines = rows.map((row) => `    ${JSON.stringify(row && resultOf(row, task.labels))}`).join(',\n');
    parts.push(lines, end < count ? ',\n' : '\n');
    await breathe();
  }
  return new Blob([...parts, '  ]\n}\n'], { type: 'application/json' });
}

/** As plain lists, which JSON knows. */
function distancesOf({ distances }: Climbed) {
  const { dimee, dimecDc } = distances ?? {};
  return dimee && dimecDc ? { dimee: Array.from(dimee), dimecDc: Array.from(dimecDc) } : null;
}

function resultOf({ texts, outcome, climbed, error, sent }: SentenceRow, labels: readonly string[]) {
  return {
    texts,
    prediction: outcome ? labels[outcome.exit.label] : null,
    confidence: outcome?.exit.confidence ?? null,
    exitLayer: outcome?.exit.layer ?? null,
    tier: outcome?.tier ?? null,
    cost: outcome?.cost ?? null,
    latencyMs: outcome?.latencyMs ?? null,
    bytesUp: outcome?.bytesUp ?? null,
    bytesDown: outcome?.bytesDown ?? null,
    tokens: climbed.tokens,
    readings: climbed.reading?.texts ?? null,
    ranLocally: climbed.ranLocally ?? null,
    ranAtEdge: climbed.ranAtEdge ?? null,
    sentWithLink: isSentAlone({ sent, climbed }),
    error: error?.message ?? null,
    errorCode: error?.code ?? null,
    distances: distancesOf(climbed),
    exits: climbed.exits.map(({ layer, logits, probabilities, saturation }) => {
      return { layer, logits, probabilities, saturation: saturation ?? null };
    }),
  };
}
