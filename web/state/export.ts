import type { Climbed } from '../../core/ladder/outcome';
import { breathe } from './breathe';
import type { ResultRow, RowSource } from '../results/row-source';
import type { Settings } from './Settings.svelte';
import { isSentAlone } from './shown-sentence';

/** Rows written at a time, some milliseconds of work. */
const ROWS_A_PART = 250;

/**
 * The results as JSON: what was asked, and for every row each exit's raw logits and where it was settled. Written part by
 * part, so that the page keeps answering.
 */
export async function exportRows(source: RowSource, settings: Settings): Promise<Blob> {
  const { manifest, fields, policy, parameters, plan, costs } = settings;
  const asked = { task: fields.task, policy: policy.id, parameters, plan, costs, payloadDtype: fields.payload };
  const about = { rows: source.name, times: source.times };
  const head = JSON.stringify({ model: { id: manifest.id, hash: manifest.hash }, ...about, ...asked }, null, 2);
  const { count, labels } = source;
  const parts = [head.replace(/\n}$/, ',\n  "results": [\n')];
  for (let start = 0; start < count; start += ROWS_A_PART) {
    const end = Math.min(start + ROWS_A_PART, count);
    const lines = Array.from({ length: end - start }, (_, offset) => {
      const row = source.rowAt(start + offset);
      return `    ${JSON.stringify(row && { row: source.numberOf(start + offset), ...resultOf(row, labels) })}`;
    }).join(',\n');
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

function resultOf({ texts, outcome, climbed, error, gold, sent }: ResultRow, labels: readonly string[]) {
  return {
    texts: texts ?? null,
    label: gold === undefined ? null : labels[gold],
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
