import type { SentenceRow } from './Sentences.svelte';
import type { Settings } from './Settings.svelte';

/** The results as JSON: what was asked, and for every sentence each exit's raw logits and where it left. */
export function exportResults(rows: readonly SentenceRow[], settings: Settings): string {
  const { manifest, fields, policy, parameters, plan, costs, task } = settings;
  const results = rows.map(({ texts, outcome, climbed, error }) => ({
    texts,
    prediction: outcome ? task.labels[outcome.exit.label] : null,
    confidence: outcome?.exit.confidence ?? null,
    exitLayer: outcome?.exit.layer ?? null,
    tier: outcome?.tier ?? null,
    cost: outcome?.cost ?? null,
    latencyMs: outcome?.latencyMs ?? null,
    bytesUp: outcome?.bytesUp ?? null,
    bytesDown: outcome?.bytesDown ?? null,
    tokens: climbed.tokens,
    ranLocally: climbed.ranLocally ?? null,
    error: error?.message ?? null,
    exits: climbed.exits.map(({ layer, logits, probabilities }) => ({ layer, logits, probabilities })),
  }));
  const asked = { task: fields.task, policy: policy.id, parameters, plan, costs, payloadDtype: fields.payload };
  return JSON.stringify({ model: { id: manifest.id, hash: manifest.hash }, ...asked, results }, null, 2);
}
