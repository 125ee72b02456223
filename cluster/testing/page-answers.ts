import { setTimeout as sleep } from 'node:timers/promises';
import type { InferRequest, InferResult } from '../../core/ladder/tier';
import { at, lastOf } from '../../core/numbers/at';
import { ModelFolder } from '../../edge-server/model-folder';
import { OnnxRuntimes } from '../../edge-server/runtimes';
import { CountingClient } from '../../edge-server/testing/counting-client';
import { ServerProcess } from '../../edge-server/testing/server-process';
import { ownSamples, VARIANT } from './own-samples';

/*
 * Sends samples the way pages do, over WebSockets to an edge in a process of its own: to one whose cloud is within it, and to
 * one that asks an engine, whose token stands in a file. Prints, as one object of JSON, what both answered to each
 * sample, what clients have counted, and how the edge stands with its engine.
 */

/** Pages whose first 4 layers were run: what follows is the cloud's, or the edge's up to layer 8; and devices without any. */
const STARTS = [
  { startLayer: 5, plan: { mobileLayers: 4, edgeLayers: 4 } },
  { startLayer: 5, plan: { mobileLayers: 4, edgeLayers: 4 } },
  { startLayer: 5, plan: { mobileLayers: 4, edgeLayers: 8 } },
  { startLayer: 1, plan: { mobileLayers: 2, edgeLayers: 4 } },
];
const CLIENTS = 8;
const ROOM = ['--max-in-flight', '100', '--max-queue-tokens', '100000', '--max-wait-ms', '600000', '--metrics', 'here'];

const [folder = '', engine = '', tokenFile = '', count = '', ...tasks] = process.argv.slice(2);
const model = await ModelFolder.open(folder);
const { manifest } = model;
const runtime = new OnnxRuntimes(model, { threads: 1 }).of(VARIANT);
const requests: InferRequest[] = [];
for await (const { request } of ownSamples(manifest, runtime, { count: Number(count), tasks, starts: STARTS })) {
  requests.push(request.input.kind === 'text' ? { ...request, standIn: true } : request);
}

/** What an edge answers to all samples, and how it stands afterwards. */
async function answersOf(flags: readonly string[]) {
  const edge = await ServerProcess.start(['--model', folder, ...ROOM, ...flags]);
  const clients = Array.from(
    { length: CLIENTS },
    () => new CountingClient([edge.url], { modelHash: manifest.hash, variant: VARIANT }),
  );
  try {
    const never = new AbortController().signal;
    const all = requests.map((request, index) => at(clients, index % CLIENTS).tier.infer(request, never));
    const answers = (await Promise.all(all)).map(answerOf);
    // What was answered again would have come by now.
    await sleep(200);
    const sum = (of: 'answered' | 'doubled') => clients.reduce((total, client) => total + client[of], 0);
    const metrics = await (await fetch(`http://127.0.0.1:${edge.port}/metrics`)).text();
    const { cloud } = await edge.health();
    return { answers, answered: sum('answered'), doubled: sum('doubled'), metrics, cloud };
  } finally {
    for (const { tier } of clients) tier.close();
    await edge.stop();
  }
}

const answerOf = ({ steps }: InferResult) => ({
  exitLayer: lastOf(steps).layer,
  tier: lastOf(steps).tier,
  logits: steps.map(({ logits }) => logits),
});

const askingEngine = ['--cloud-url', engine, '--cloud-token-file', tokenFile];
const inProcess = await answersOf([]);
process.stdout.write(JSON.stringify({ inProcess, byEngine: await answersOf(askingEngine) }));
