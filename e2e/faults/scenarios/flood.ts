import { setTimeout as sleep } from 'node:timers/promises';
import { median } from 'd3-array';
import type { InferRequest } from '../../../core/ladder/tier';
import { layerAfter } from '../../../core/layers';
import { taskOf } from '../../../core/model/manifest';
import { at } from '../../../core/numbers/at';
import { StateCodecs } from '../../../core/payload/state-codecs';
import { encodeInfer } from '../../../core/protocol/messages';
import { encodeTensorFrame } from '../../../core/protocol/tensor-frame';
import { firstLayers } from '../../../core/testing/first-layers';
import { OnnxRuntimes } from '../../../edge-server/runtimes';
import { TestClient } from '../../../edge-server/testing/test-client';
import { variantFor } from '../climbs';
import { type Scenario, unless } from '../scenario';
import type { Stage } from '../stage';
import { faultsOf, type Known } from '../trial';

/** What one client on a thin line can send. */
const BYTES_A_MS = 12.6;
/** A neighbour's time beside the flood, as a multiple of that without it. */
const MOST_SLOWDOWN = 2;
const ALONE_SAMPLES = 100;
const FLOOD_MS = 30_000;

export const flood: Scenario = {
  name: 'flood',
  about: `${BYTES_A_MS} kB/s of the longest and cheapest frames that are valid, beside a neighbour who asks for one sample at a time`,
  async play(stage) {
    if (stage.model.manifest.codecs.length === 0) {
      return { figures: {}, faults: [], skipped: 'the model has no codec' };
    }
    const edge = await stage.start(['--max-in-flight', '32', '--max-wait-ms', '800', '--max-queue-tokens', '16384']);
    const neighbour = stage.client(edge.url);
    const samples = stage.sampled(ALONE_SAMPLES);
    const one = async (sample: Known) => {
      const startedAt = performance.now();
      const tally = await stage.askOf(neighbour, [sample]).tally();
      return { ms: performance.now() - startedAt, faults: faultsOf(tally) };
    };
    const alone: Awaited<ReturnType<typeof one>>[] = [];
    for (const sample of samples) alone.push(await one(sample));
    const flooder = await flooding(stage, edge.url);
    const beside: typeof alone = [];
    const startedAt = performance.now();
    while (performance.now() - startedAt < FLOOD_MS && !flooder.isCut) {
      beside.push(await one(at(samples, beside.length % samples.length)));
    }
    const floodMs = performance.now() - startedAt;
    const isLeftToIt = !flooder.isCut && flooder.refused > flooder.sent / 2;
    flooder.stop();
    const medianOf = (of: typeof alone) => median(of, ({ ms }) => ms) ?? Number.NaN;
    const slowdown = medianOf(beside) / medianOf(alone);
    const faults = [
      ...[...alone, ...beside].flatMap((each) => each.faults),
      ...unless(slowdown <= MOST_SLOWDOWN, `the neighbour takes ${slowdown.toFixed(2)} times as long`),
      ...unless(!isLeftToIt, 'the flooder, of whose frames most are refused, is not cut'),
    ];
    const { sent, refused, frameBytes } = flooder;
    const figures = {
      slowdown,
      aloneMs: medianOf(alone),
      besideMs: medianOf(beside),
      floodMs,
      sent,
      refused,
      frameBytes,
    };
    return { figures: { ...figures, asked: alone.length + beside.length }, faults };
  },
};

interface Flooder {
  readonly isCut: boolean;
  readonly sent: number;
  readonly refused: number;
  readonly frameBytes: number;
  stop(): void;
}

/** Sends on and on, whatever it is answered. */
async function flooding(stage: Stage, url: string): Promise<Flooder> {
  const { hash } = stage.model.manifest;
  const messages = await costlyMessages(stage);
  const client = await TestClient.greeted(url, hash, variantFor(stage.model.manifest));
  const frameBytes = at(messages(0), 1).length;
  const flooder = {
    ...{ isCut: false, isStopped: false, sent: 0, refused: 0, frameBytes },
    stop: () => void (flooder.isStopped = true),
  };
  const hear = async () => {
    for (let heard = await client.next(); heard.type !== 'closed'; heard = await client.next()) {
      if (heard.type === 'error') flooder.refused++;
    }
    flooder.isCut = true;
  };
  const send = async () => {
    const startedAt = performance.now();
    for (let bytes = 0; !flooder.isCut && !flooder.isStopped; flooder.sent++) {
      for (const message of messages(flooder.sent)) {
        client.send(message);
        bytes += message.length;
      }
      await sleep(Math.max(startedAt + bytes / BYTES_A_MS - performance.now(), 0));
    }
    client.close();
  };
  void hear();
  void send();
  return flooder;
}

/** A request of the most tokens that the model takes, as coarsely as it can be written, for all layers after the first codec. */
async function costlyMessages({ model }: Stage): Promise<(requestId: number) => (string | Uint8Array<ArrayBuffer>)[]> {
  const { manifest } = model;
  const { layer } = at(manifest.codecs, 0);
  const [task = ''] = Object.keys(manifest.tasks);
  const runtime = new OnnxRuntimes(model, { threads: 1 }).of(variantFor(manifest));
  const text = 'the harbour is grey and the boats are late '.repeat(manifest.maxTokens);
  const { state } = await firstLayers(runtime, taskOf(manifest, task), [text], layer);
  const dtype = await new StateCodecs(manifest, (file) => model.read(file)).dtypeAfter(layer, 'coded96');
  if (typeof dtype === 'string') throw new Error(`There is no codec after layer ${layer}.`);
  const coarse = { ...dtype, bytesPerToken: 1 };
  const frame = encodeTensorFrame({ requestId: 0, startLayer: layerAfter(layer), dtype: coarse, state });
  const priorLogits = new Array<number[]>(layer).fill(taskOf(manifest, task).labels.map(() => 0));
  const asked: Omit<InferRequest, 'sampleKey'> = {
    ...{
      task,
      policy: { id: 'all-cloud', parameters: {} },
      plan: { mobileLayers: layer, edgeLayers: manifest.layers },
    },
    ...{ priorLogits, input: { kind: 'hiddenState', state }, payloadDtype: 'coded96', deadlineMs: 60_000 },
  };
  return (requestId) => {
    const own = frame.slice();
    new DataView(own.buffer).setUint32(8, requestId, true);
    return [encodeInfer(requestId, { ...asked, sampleKey: `${requestId}` }, asked.deadlineMs), own];
  };
}
